"""Distributed training: several devices train one model, each on its share of every batch."""
