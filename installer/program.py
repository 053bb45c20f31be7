"""Where the frozen program begins: a face, or after `-m` one of the programs that it starts as children."""

import multiprocessing
import os
import runpy
import sys

from photosearch.programs import CHILDREN

if __name__ == "__main__":
    multiprocessing.freeze_support()  # a decoder goes no further
    if sys.stderr is None:  # the window's executable of Windows has no console
        sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115
    if sys.argv[1:2] == ["-m"] and sys.argv[2:3] and sys.argv[2] in CHILDREN:
        module = sys.argv[2]
        del sys.argv[1:3]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    else:
        from photosearch.__main__ import main

        sys.exit(main())
