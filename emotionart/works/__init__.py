"""Works without labels as a classifier sees them: which are alike, carry a feeling, or are worth labelling next."""
