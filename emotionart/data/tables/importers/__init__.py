"""Importers of published data sets, one file per layout."""
