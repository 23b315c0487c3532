"""Published data sets, each in its own layout, as tables of artworks: one file a layout."""
