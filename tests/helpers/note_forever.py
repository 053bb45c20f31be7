"""Captions, rates and files photos in the library at argv[1] until it is killed, and says what is in."""

import sys
from itertools import count
from pathlib import Path

import numpy as np

from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from tests.helpers.library import DIM, MODEL, indexed_file

with Writer.open(Library(Path(sys.argv[1]))) as writer:
    folder = writer.add_folder(b"/photos", "")
    writer.register_model(MODEL, "tiny", DIM)
    ids = writer.commit([indexed_file(seed, folder_id=folder.folder_id) for seed in range(20)], MODEL)
    album = writer.create_album(sys.argv[2])
    writer.save_search("live", "dogs", live=True)
    with Reader.open(Library(Path(sys.argv[1]))) as reader:
        (live,) = reader.live_albums()
    for step in count():
        writer.set_caption(ids[step % 20], f"{sys.argv[2]} step {step}")
        writer.import_captions([(photo_id, f"{sys.argv[2]} import {step}") for photo_id in ids])
        writer.add_to_album(album, [ids[step % 20]])
        writer.set_favourite(ids, step % 2 == 0)
        writer.fill_live_album(live, np.array(ids[: step % 2 * 10 + 5]), ids[-1])
        print(step, flush=True)
