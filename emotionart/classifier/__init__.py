"""Classifiers of the emotion of artworks: training, calibration, evaluation, predictor, ensemble."""
