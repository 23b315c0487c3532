"""Explanations of a run's predictions: attribution maps, cues, faithfulness."""
