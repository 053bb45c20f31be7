"""The libraries that read HEIC, RAW, JPEG XL and videos, their versions, and flaws known in older ones."""

import re
from typing import NamedTuple

from photosearch.extras import VIDEO


class Codec(NamedTuple):
    """A library that a package brought."""

    name: str
    version: tuple[int, ...]
    package: str  # that a newer one comes with

    def __str__(self) -> str:
        return f"{self.name} {'.'.join(map(str, self.version))}"


class Flaws(NamedTuple):
    """What a file made for it can do to versions older than the one that mended it: a crash, or worse."""

    mended_in: tuple[int, ...]
    names: tuple[str, ...]  # by which advisories call them


# From the projects' advisories, oldest first; only what is sure.
KNOWN_FLAWS: dict[str, tuple[Flaws, ...]] = {
    "libheif": (
        Flaws((1, 15, 2), ("CVE-2023-29659",)),
        Flaws((1, 17, 6), ("CVE-2023-49460", "CVE-2023-49462", "CVE-2023-49463", "CVE-2023-49464")),
        Flaws((1, 18, 0), ("CVE-2024-41311",)),
        Flaws((1, 19, 6), ("CVE-2025-43966", "CVE-2025-43967")),
        Flaws((1, 21, 0), ("CVE-2025-68431",)),
        Flaws((1, 22, 0), ("CVE-2026-32738", "CVE-2026-32739", "CVE-2026-32740")),
        Flaws((1, 22, 1), ("CVE-2026-49271",)),
        Flaws((1, 23, 1), ("CVE-2026-50142",)),
        Flaws((1, 23, 2), ("GHSA-g89c-p67h-r497", "GHSA-2jg2-4ch7-h545", "GHSA-24wx-9w62-c96w")),
        Flaws((1, 23, 4), ("CVE-2026-84383",)),
    ),
    "libde265": (
        Flaws((1, 0, 12), ("CVE-2023-27102", "CVE-2023-27103")),
        Flaws((1, 0, 15), ("CVE-2023-49465", "CVE-2023-49467", "CVE-2023-49468")),
    ),
    "LibRaw": (
        Flaws((0, 21, 2), ("CVE-2023-1729",)),
        Flaws((0, 21, 4), ("CVE-2025-43961", "CVE-2025-43962", "CVE-2025-43963", "CVE-2025-43964")),
        Flaws((0, 22, 1), ("TALOS-2026-2330", "TALOS-2026-2331", "TALOS-2026-2358", "TALOS-2026-2363")),
    ),
    "libavcodec": (),  # FFmpeg's; its advisories name releases, of which this number is none
    "libjxl": (
        Flaws((0, 8, 2), ("CVE-2023-35790",)),
        Flaws((0, 11, 1), ("CVE-2024-11403", "CVE-2024-11498")),  # in 0.10.4, too, which no wheel had
        Flaws((0, 11, 2), ("CVE-2025-12474", "CVE-2026-1837")),
        Flaws((0, 12, 0), ("libjxl#4646", "libjxl#4808")),  # of many that its authors gave no names
    ),
}


def codecs() -> list[Codec]:
    """Those that are installed, and libjxl and libavcodec where the extras are.

    Raises:
        ImportError: a package is missing that is no extra.
    """
    import pi_heif
    import rawpy

    told = pi_heif.libheif_info()
    heif = Codec("libheif", _numbers(told["libheif"]), "pi-heif")
    decoders = [
        Codec(name, _numbers(text), "pi-heif")
        for name, text in told.get("decoders", {}).items()
        if name in KNOWN_FLAWS
    ]
    return [
        heif,
        *decoders,
        Codec("LibRaw", tuple(rawpy.libraw_version), "rawpy"),
        *_libjxl(),
        *_libavcodec(),
    ]


def _libjxl() -> list[Codec]:
    try:
        import pylibjxl
    except ImportError:
        return []
    number = pylibjxl.decoder_version()  # 11002 is 0.11.2
    return [Codec("libjxl", (number // 1_000_000, number // 1000 % 1000, number % 1000), "pylibjxl")]


def _libavcodec() -> list[Codec]:
    VIDEO.use()
    try:
        import av
    except ImportError:
        return []
    return [Codec("libavcodec", tuple(av.library_versions["libavcodec"]), "av")]


def known_flaws(codec: Codec) -> Flaws | None:
    """All that are known of it, and the version that mended the last; None where it has them all mended."""
    left = [flaws for flaws in KNOWN_FLAWS[codec.name] if codec.version < flaws.mended_in]
    names = tuple(name for flaws in left for name in flaws.names)
    return Flaws(left[-1].mended_in, names) if left else None


def _numbers(text: str) -> tuple[int, ...]:
    found = re.search(r"\d+(\.\d+)+", text)
    return tuple(map(int, found[0].split("."))) if found else ()
