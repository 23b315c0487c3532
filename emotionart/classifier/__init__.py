"""Predicting the emotion class of an artwork: train, test once, predict."""
