"""Carries out many runs and compares them: `python sweep.py --help`."""

import sys

from emotionart.sweeps.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
