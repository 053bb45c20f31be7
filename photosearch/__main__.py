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

    try:
        signal.signal(signal.SIGINT, _interrupt)
        return cli.main()
    except KeyboardInterrupt:  # before a command could begin
        return cli.INTERRUPTED
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if "PySide6" not in sys.modules:  # a window's objects write what they hold when they are collected
            gc.freeze()  # else Python looks at all that was imported three times more, a tenth of a second


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Ctrl-C as an exception; amid an import it ends the process at once.

    There Python may lose the exception and hold its lock of imports for good, and libraries report a fault.

    Raises:
        KeyboardInterrupt
    """
    while frame:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.raise_signal(signal.SIGINT)
        frame = frame.f_back
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
