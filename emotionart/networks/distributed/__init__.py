"""Layers that compute the same on several devices as on a single one."""
