"""Monitoring of a GAN during training: health, quality, samples."""
