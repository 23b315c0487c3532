"""Attribution maps, and tests of their faithfulness."""
