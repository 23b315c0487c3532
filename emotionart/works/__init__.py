"""Works without labels as a classifier sees them: which are alike, which carry a feeling, which to label next."""
