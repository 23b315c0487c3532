"""The tabs of the page, each said to be wanting what it lacks where there is no run for it."""
