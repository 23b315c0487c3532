"""Semi-supervised training of a head on stored features, with additional pictures without labels."""
