"""A classifier on works that it has not learnt from: its test, what it must beat, and its findings."""
