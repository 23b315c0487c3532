"""The parts of a GAN's training step: noise, condition, augmentation, losses, schedules."""
