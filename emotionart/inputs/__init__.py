"""Input representations of models: pixels, features of backbones, feature vectors."""
