"""What a model eats: pixels, a frozen backbone's features, feature vectors."""
