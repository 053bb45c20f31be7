"""The files of PhotoSearch as Linux lays them out, below some root."""

import gzip
import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from installer.parts import Part, notices, sbom
from photosearch import __version__, cli, paths
from photosearch.cli import manual, shells

HERE = Path(__file__).parent
ICON_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
DEFAULT = ' type="default"'
MAINTAINER = "The PhotoSearch developers <maintainers@photosearch.invalid>"
SCREENS = {
    "timeline-en-light-1280": "All photos, month by month",
    "results-en-dark-1280": "What answers a sentence",
    "information-en-light-1280": "What a photo's file says",
}


def lay_out(folder: Path, root: Path, changed_at: int, home: str | None) -> None:
    """Put the frozen folder and all that goes with it below `root`, every file of the same time.

    Args:
        changed_at: of the version, Unix seconds
        home: the address of the project's pages, under which the metainfo names its screenshots
    """
    share = root / "usr/share"
    shutil.copytree(folder, root / "usr/lib/photosearch", symlinks=True)
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/bin/photosearch").symlink_to("../lib/photosearch/photosearch")
    date = time.strftime("%Y-%m-%d", time.gmtime(changed_at))
    parser = cli.parser()
    written = {
        "applications/photosearch.desktop": (paths.resources() / "desktop/photosearch.desktop").read_bytes(),
        "metainfo/org.photosearch.PhotoSearch.metainfo.xml": _metainfo(date, home).encode(),
        "man/man1/photosearch.1.gz": _packed(manual.man_page(parser, __version__, date)),
        "bash-completion/completions/photosearch": shells.bash(parser).encode(),
        "zsh/vendor-completions/_photosearch": shells.zsh(parser).encode(),
        "fish/vendor_completions.d/photosearch.fish": shells.fish(parser).encode(),
        "icons/hicolor/scalable/apps/photosearch.svg": (
            paths.resources() / "icons/photosearch.svg"
        ).read_bytes(),
        "doc/photosearch/copyright": (HERE / "copyright").read_bytes(),
        "doc/photosearch/changelog.gz": _packed(_debian_changelog(changed_at)),
        "doc/photosearch/NEWS.gz": _packed(Path("CHANGELOG.md").read_text("utf-8")),
    }
    for place, data in written.items():
        file = share / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    draw_icons({share / f"icons/hicolor/{edge}x{edge}/apps/photosearch.png": edge for edge in ICON_SIZES})
    _settle(root, changed_at)


def tell_parts(root: Path, found: Sequence[Part], changed_at: int) -> None:
    """Write below `root` what it is made of, with the licences."""
    folder = root / "usr/share/doc/photosearch"
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(changed_at))
    (folder / "third-party.txt.gz").write_bytes(_packed(notices(found)))
    (folder / "sbom.cdx.json").write_text(sbom(found, __version__, when), "utf-8")
    _settle(folder, changed_at)


def draw_icons(files: dict[Path, int]) -> None:
    """Draw the program's icon into PNG files, each so many pixels square."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QGuiApplication.instance() or QGuiApplication([])
    renderer = QSvgRenderer(str(paths.resources() / "icons/photosearch.svg"))
    for file, edge in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        image = QImage(QSize(edge, edge), QImage.Format.Format_ARGB32)
        image.fill(0)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        image.save(str(file))
    del app


def _metainfo(date: str, home: str | None) -> str:
    text = (
        (HERE / "metainfo.xml").read_text("utf-8").replace("{version}", __version__).replace("{date}", date)
    )
    if home is None:
        return text.replace("  <!-- home -->\n", "")
    pictures = "".join(
        f"    <screenshot{DEFAULT * (not number)}>\n      <caption>{caption}</caption>\n"
        f"      <image>{home}/raw/main/docs/images/{name}.jpg</image>\n    </screenshot>\n"
        for number, (name, caption) in enumerate(SCREENS.items())
    )
    addresses = f'  <url type="homepage">{home}</url>\n  <url type="bugtracker">{home}/issues</url>\n'
    return text.replace("  <!-- home -->\n", f"{addresses}  <screenshots>\n{pictures}  </screenshots>\n")


def _debian_changelog(changed_at: int) -> str:
    date = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(changed_at))
    return f"""photosearch ({__version__}) unstable; urgency=medium

  * NEWS.gz beside this file says what is new.

 -- {MAINTAINER}  {date}
"""


def _packed(text: str) -> bytes:
    return gzip.compress(text.encode(), mtime=0)


def _settle(root: Path, changed_at: int) -> None:
    """Times and permissions that do not tell who built it, or when."""
    for path in [root, *root.rglob("*")]:
        if not path.is_symlink():
            runs = path.is_dir() or path == root / "usr/lib/photosearch/photosearch"
            path.chmod(0o755 if runs else 0o644)
        os.utime(path, (changed_at, changed_at), follow_symlinks=False)
