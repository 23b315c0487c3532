"""Training of classifiers, which keep the weights of their best epoch."""
