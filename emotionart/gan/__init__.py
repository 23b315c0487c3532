"""Generates art: module, losses, monitor, training, evaluation, sampler."""
