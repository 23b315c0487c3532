"""The `emotionart` command, and the mains of train.py and sweep.py."""
