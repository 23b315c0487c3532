"""The tabs of the page; a tab without the run that it needs says so."""
