"""Tests of attribution maps: faithfulness, sanity checks, pointing game."""
