"""Whether a model is as sure as it is right, and what to do where it is not."""
