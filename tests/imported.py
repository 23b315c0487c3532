"""What every run imports, for the process that the tests' commands are forked from."""
