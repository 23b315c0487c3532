"""Torch modules: in, a batch of one representation; out, logits."""
