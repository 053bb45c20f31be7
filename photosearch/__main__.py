"""Where `photosearch` begins, by its own name or as `python -m photosearch`."""

import gc
import signal
import sys
from types import FrameType


def main() -> int:
    """Run the command line; Ctrl-C ends it without a word while it is being loaded, and while it goes."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from photosearch import programs

    programs.look_for_garbage_seldom()
    from photosearch import cli

    def interrupt(number: int, frame: FrameType | None) -> None:
        programs.end_amid_import(number, frame)
        raise KeyboardInterrupt

    try:
        signal.signal(signal.SIGINT, interrupt)
        return cli.main()
    except KeyboardInterrupt:  # before a command could begin
        return cli.INTERRUPTED
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if "PySide6" not in sys.modules:  # a window's objects write what they hold when they are collected
            gc.freeze()  # else Python looks at all that was imported three times more, a tenth of a second


if __name__ == "__main__":
    sys.exit(main())
