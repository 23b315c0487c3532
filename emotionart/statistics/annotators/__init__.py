"""Annotators' agreement, and the accuracy that it allows a model to reach."""
