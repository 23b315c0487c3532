"""How a table is read from the files that users bring."""
