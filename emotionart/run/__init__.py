"""The parts of a run: folder, data, trainer, logger, checkpoints, provenance."""
