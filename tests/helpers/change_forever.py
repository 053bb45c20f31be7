"""An engine that reads photos for another model until it is killed; it prints how many that knows by then."""

import sys
import threading
from pathlib import Path

from photosearch.core import model_messages
from photosearch.engine.service import Engine
from photosearch.models.catalog import ModelInfo
from photosearch.models.loading import LoadedEncoder
from photosearch.paths import Library
from tests.helpers.colour_model import load_colours

READ = 3  # photos


def main() -> None:
    """Change to the model that is named."""
    enough = threading.Event()

    def load(info: ModelInfo, library: Library) -> LoadedEncoder:
        loaded = load_colours(info, library)
        loaded.encoder.batch_size = 1  # type: ignore[misc]
        if info.name == sys.argv[2]:
            encode, batches = loaded.encoder.encode_images, iter(range(READ))

            def encode_a_few(images):  # type: ignore[no-untyped-def]
                if next(batches, None) is None:
                    enough.set()
                    threading.Event().wait()
                return encode(images)

            loaded.encoder.encode_images = encode_a_few  # type: ignore[method-assign]
        return loaded

    with Engine(Library(Path(sys.argv[1])), load=load) as engine:
        engine.subscribe(lambda event: None)
        engine.handle(model_messages.ChangeModel(sys.argv[2]))
        enough.wait()
        print(READ, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
