"""Where things are: the library's files, and what ships with the program."""

from dataclasses import dataclass
from pathlib import Path

import platformdirs


def resources() -> Path:
    """The folder of models, icons and translations, in a checkout and in an installed package alike."""
    package = Path(__file__).resolve().parent
    installed = package / "resources"
    return installed if installed.is_dir() else package.parent / "resources"


def default_library() -> Path:
    """The folder of the person's own library."""
    return Path(platformdirs.user_data_dir("PhotoSearch", appauthor=False))


def config_file() -> Path:
    """What the person chose for every library, and how the window last stood."""
    return Path(platformdirs.user_config_dir("PhotoSearch", appauthor=False)) / "photosearch.ini"


def extras() -> Path:
    """Where what a person had fetched beside the program lies, for all libraries."""
    return Path(platformdirs.user_data_dir("PhotoSearch", appauthor=False)) / "extras"


@dataclass(frozen=True)
class Library:
    """The files of one library; nothing outside `root` is ever written."""

    root: Path

    @property
    def database(self) -> Path:
        """The file of photos, notes and settings."""
        return self.root / "library.sqlite3"

    @property
    def vectors(self) -> Path:
        """The folder of the vectors that searches map into memory."""
        return self.root / "vectors"

    @property
    def thumbnails(self) -> Path:
        """The file of thumbnails."""
        return self.root / "thumbnails" / "thumbnails.sqlite3"

    @property
    def models(self) -> Path:
        """The folder of models that the person added."""
        return self.root / "models"

    @property
    def downloads(self) -> Path:
        """The folder of models that are being downloaded, hidden among the others."""
        return self.models / ".downloads"

    @property
    def lessons(self) -> Path:
        """The folder of lessons."""
        return self.root / "lessons"

    @property
    def teaching(self) -> Path:
        """What a running teaching learns from and writes; it is there as long as one is wanted."""
        return self.root / "teaching"

    @property
    def backups(self) -> Path:
        """The folder of the database's copies."""
        return self.root / "backups"

    @property
    def logs(self) -> Path:
        """The folder of logs."""
        return self.root / "logs"

    @property
    def lock(self) -> Path:
        """Held by the one engine that may write."""
        return self.root / "engine.lock"

    @property
    def engine_key(self) -> Path:
        """0600: the engine's socket address and its authentication key."""
        return self.root / "engine.key"

    @property
    def trashing(self) -> Path:
        """The folder of what a window is moving to the trash; empty else."""
        return self.root / "trashing"

    @property
    def serve_token(self) -> Path:
        """0600: what whoever asks over HTTP must know."""
        return self.root / "serve.token"
