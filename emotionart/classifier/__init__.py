"""Predicts the emotion class of an artwork: module, training, one test, predictor."""
