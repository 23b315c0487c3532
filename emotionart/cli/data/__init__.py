"""`emotionart data`: commands on data sets, without training."""
