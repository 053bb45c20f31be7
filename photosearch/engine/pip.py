"""`python -m photosearch.engine.pip …` is pip, but for ending as soon as its stdin closes.

An engine that is killed closes it, and so leaves nothing behind that still writes.
"""

import os
import runpy
import sys
import threading

ENDED = 70


def end_with_stdin() -> None:
    """End this process as soon as its stdin closes."""

    def watch() -> None:
        while os.read(0, 4096):
            pass
        os._exit(ENDED)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # the engine reads how far it is
    end_with_stdin()
    sys.argv[0] = "pip"
    runpy.run_module("pip", run_name="__main__", alter_sys=True)
