"""What a trained generator gives: samples, series, directions, and how near they are to training pictures."""
