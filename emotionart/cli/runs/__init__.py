"""Commands on the folders of runs."""
