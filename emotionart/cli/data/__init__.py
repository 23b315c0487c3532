"""`emotionart data`: data sets without training."""
