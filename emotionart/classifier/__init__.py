"""Predicts the emotion class of an artwork: module, head, temperature, predictor, ensemble."""
