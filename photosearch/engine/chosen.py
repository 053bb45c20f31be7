"""What the person chose for a library: its model, its settings; no torch."""

import logging

from photosearch import settings
from photosearch.core.errors import KnownError
from photosearch.models import catalog
from photosearch.paths import Library
from photosearch.store.connect import NoLibrary
from photosearch.store.reader import Reader

_log = logging.getLogger(__name__)


def chosen_model(library: Library) -> catalog.ModelInfo:
    """The one that the library remembers; the bundled one where it remembers none, or one that is gone.

    A bundled model goes when an update brings another one.

    Raises:
        KnownError: the bundled one is wanted and broken.
    """
    try:
        with Reader.open(library) as reader:
            remembered = reader.setting(settings.MODEL)
    except NoLibrary:
        remembered = None
    try:
        return catalog.find(remembered, library) if remembered else catalog.default()
    except KnownError as error:
        if not remembered:
            raise
        _log.warning("The bundled model takes the place of the chosen one. %s", error)
        return catalog.default()


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
