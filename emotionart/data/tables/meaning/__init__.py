"""What the cells of a table mean: numbers, several labels, codes for missing ones, steps of scales, weights."""
