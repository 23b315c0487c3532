"""The person filter."""
