"""Tables of artworks: cells, labels, votes and splits."""
