"""A run, handed on: model card and Hub."""
