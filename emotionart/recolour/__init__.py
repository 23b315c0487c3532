"""Recolouring of pictures towards the colours of an emotion."""
