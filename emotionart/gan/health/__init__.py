"""How a GAN fares while it is trained: monitor, quality, samples."""
