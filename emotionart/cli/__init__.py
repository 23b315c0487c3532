"""The `emotionart` command, and the entry points of train.py and sweep.py."""
