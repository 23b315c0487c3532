"""Launches many runs and compares them: `python sweep.py --help`."""

import sys

from emotionart.cli.sweep import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
