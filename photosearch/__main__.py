"""Where `photosearch` begins, by its own name or as `python -m photosearch`."""

import signal
import sys


def main() -> int:
    """Run the command line; Ctrl-C ends it without a word while it is still being loaded."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from photosearch import cli

    signal.signal(signal.SIGINT, signal.default_int_handler)
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
