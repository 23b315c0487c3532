"""A classifier is trained, and gets the weights of its best epoch."""
