"""An engine that teaches until it is killed; it prints the id of the process that learns."""

import sys
import threading
from pathlib import Path

import psutil

from photosearch.core import teaching_messages
from photosearch.core.messages import AnyEvent
from photosearch.engine.service import Engine
from photosearch.paths import Library
from tests.helpers import fake_trainer
from tests.helpers.colour_model import MODEL, load_colours

if __name__ == "__main__":
    learning = threading.Event()

    def hear(event: AnyEvent) -> None:
        if isinstance(event, teaching_messages.TeachingChanged) and event.state.curve:
            learning.set()

    library = Library(Path(sys.argv[1]))
    trainer = fake_trainer.command("patient")
    with Engine(library, MODEL, background=False, load=load_colours, trainer=trainer) as engine:
        engine.subscribe(hear)
        engine.handle(teaching_messages.StartTeaching())
        learning.wait()
        (child,) = psutil.Process().children()
        print(child.pid, flush=True)
        threading.Event().wait()
