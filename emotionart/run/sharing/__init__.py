"""Sharing of a run: model card and Hugging Face Hub."""
