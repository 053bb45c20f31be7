"""`python -m photosearch` is the same as `photosearch`."""

import sys

from photosearch.cli import main

if __name__ == "__main__":
    sys.exit(main())
