"""The life of one run: folder, data, trainer, logger, checkpoints, provenance."""
