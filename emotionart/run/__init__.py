"""The life of a run: configuration, folder, tracking, results, resume."""
