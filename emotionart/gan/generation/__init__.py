"""Use of a trained generator: samples, series, directions in noise, nearest training pictures."""
