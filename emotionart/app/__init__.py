"""The `emotionart` command."""
