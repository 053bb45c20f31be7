"""Tags the painted photos of the library at argv[1], one at a time, and says how many have been."""

import sys
import time
from pathlib import Path

from photosearch.engine import tagging
from photosearch.engine.service import Engine
from photosearch.paths import Library
from photosearch.store.reader import Reader
from tests.helpers.colour_model import MODEL, load_colours

tagging._PHOTOS_AT_ONCE = 1
library = Library(Path(sys.argv[1]))
with Engine(library, MODEL, background=False, load=load_colours) as engine, Reader.open(library) as reader:
    (stage,) = (run.stage for run in engine._stages._runs.values() if run.stage.key == "tags")
    more = True
    while more:
        more = stage.do_some()
        print(stage.count(reader)[0], flush=True)
        time.sleep(float(sys.argv[2]))
