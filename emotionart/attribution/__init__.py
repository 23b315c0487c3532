"""Attribution maps and activation maximisation, with faithfulness tests and sanity checks."""
