"""Tables of artworks: cells, labels, votes, split."""
