"""What the person chose for a library: its model, its settings; no torch."""

from photosearch import settings
from photosearch.models import catalog
from photosearch.paths import Library
from photosearch.store.connect import NoLibrary
from photosearch.store.reader import Reader


def chosen_model(library: Library) -> catalog.ModelInfo:
    """The one that the library remembers, else the bundled one.

    Raises:
        KnownError: it is gone or broken.
    """
    try:
        with Reader.open(library) as reader:
            remembered = reader.setting(settings.MODEL)
    except NoLibrary:
        remembered = None
    return catalog.find(remembered, library) if remembered else catalog.default()


def setting(library: Library, key: str) -> str:
    """The value of a declared setting of the library: the person's, else the default.

    Raises:
        KnownError: the library cannot be read.
    """
    try:
        with Reader.open(library) as reader:
            return settings.value(key, reader.setting(key))
    except NoLibrary:
        return settings.value(key, None)
