"""What a model eats: pixels, frozen features, feature vectors."""
