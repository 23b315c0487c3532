"""Torch modules from inputs to logits or pictures."""
