"""What a step of a GAN's training is made of: noise, condition, augmentation, losses, schedules."""
