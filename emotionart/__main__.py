"""`python -m emotionart`: the `emotionart` command."""

import sys

from emotionart.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
