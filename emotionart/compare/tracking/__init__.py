"""What W&B is given of a comparison: a summary run, a report, a saved view."""
