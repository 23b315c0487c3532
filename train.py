"""Trains one model on one data set: `python train.py --help`."""

import sys

from emotionart.cli.train import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
