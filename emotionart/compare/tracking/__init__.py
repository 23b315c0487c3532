"""Comparisons in W&B: a summary run, a report, a saved view."""
