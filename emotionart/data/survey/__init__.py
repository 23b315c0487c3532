"""What is known of a data set before anything is trained on it."""
