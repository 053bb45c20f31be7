"""Commits photos to the library in argv[1] until it is killed, and prints the seed of each that is in."""

import sys
from itertools import count
from pathlib import Path

from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.library import DIM, MODEL, indexed_file

library = Library(Path(sys.argv[1]))
first = int(sys.argv[2])
with Writer.open(library) as writer:
    folder = writer.add_folder(b"/photos", "")
    writer.register_model(MODEL, "tiny", DIM)
    for batch in count():
        seeds = range(first + batch * 4, first + batch * 4 + 4)
        files = [indexed_file(s, folder_id=folder.folder_id, thumbnail=b"%d" % s * 2000) for s in seeds]
        writer.commit(files, MODEL)
        print(*seeds, flush=True)
