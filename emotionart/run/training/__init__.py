"""Training with Lightning: Trainer, callbacks, checkpoints, progress bar."""
