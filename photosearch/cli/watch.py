"""photosearch watch"""

import argparse
import os
import sys
import time

from photosearch.cli.connect import engine, require
from photosearch.cli.text import complain, count, say, worded
from photosearch.core import messages, note_messages
from photosearch.core.errors import KnownError, Sentence

NAME = "watch"
HELP = "keep the library up to date with its folders until Ctrl-C"
EXAMPLES = ("photosearch watch",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(on_interrupt=Sentence("stopped watching."))


def run(options: argparse.Namespace) -> int:
    require(options.library)
    with engine(options.library, background=True) as client:
        folders = client.call(messages.GetStatus()).folders
        if not folders:
            raise KnownError("There is no folder to watch yet; add one: photosearch index FOLDER")
        for folder in folders:
            _say(worded(Sentence("watching {folder}", folder=os.fsdecode(folder.path_bytes))))
        photos: int | None = None
        while True:
            for event in client.events():
                match event:
                    case messages.PhotosChanged():
                        if photos is None:
                            _say(count(event.photos, "photo"))
                        elif event.photos != photos:
                            _say(f"{count(event.photos, 'photo')} ({event.photos - photos:+,})")
                        photos = event.photos
                    case note_messages.NewInAlbums():
                        for name, new in event.photos.items():
                            told = Sentence("{photos} in {album}", photos=count(new, "new photo"), album=name)
                            _say(worded(told))
                    case messages.Problem():
                        complain(event.sentence)
            client.call(messages.GetStatus())  # the engine was another's and ended: here is one in its place


def _say(text: str) -> None:
    say(f"{time.strftime('%H:%M:%S')}  {text}")
    sys.stdout.flush()
