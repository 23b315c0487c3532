"""Generation of art by GANs: module, losses, monitor, training, evaluation, sampler."""
