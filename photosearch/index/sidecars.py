"""Files beside a photo that say something of it, and whose they are, by their names."""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH122

import os
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Mapping

LARGEST = 4 << 20  # bytes
_XMP, _JSON = b".xmp", b".json"
_SUPPLEMENTAL = b".supplemental-metadata"
_BEGINNINGS = [_SUPPLEMENTAL[:length] for length in range(len(_SUPPLEMENTAL), -1, -1)]
# Takeout cuts what stands before ".json" to 46 letters; a photo's name of its own is cut otherwise.
_CUT = 45
_NUMBERED = re.compile(rb"(.*)\((\d{1,5})\)", re.DOTALL)
# What Google Photos calls a photo that was edited there, in some of its languages.
_EDITED = tuple(
    word.encode()
    for word in (
        "-edited", "-effects", "-bearbeitet", "-modifié", "-modifie\u0301", "-editado", "-editada",
        "-modificato", "-bewerkt", "-edytowane", "-redigerad", "-redigert", "-redigeret", "-muokattu",
        "-upravené", "-編集済み", "-已修改", "-已編輯", "-수정됨", "-измененный",
    )
)  # fmt: skip

_Key = tuple[int, bytes]  # the number that a name had in brackets, 0 for none, and the name without it


def is_sidecar_name(name: bytes) -> bool:
    """Whether a file of this name may say something of a photo."""
    return name.lower().endswith((_XMP, _JSON))


def joined(photos: Collection[bytes], sidecars: Collection[bytes]) -> dict[bytes, tuple[bytes, ...]]:
    """Of those sidecars of a folder that belong to any of its photos, which ones; all by name.

    `a.jpg.xmp` and `a.jpg.json` belong to `a.jpg`, `a.xmp` and `a.json` to every photo called `a`. Of the
    forms that Google's Takeout gives its JSON, `a.jpg.supplemental-metadata.json`, cut anywhere, and
    `a.jpg(1).json`, which is of `a(1).jpg`, are known, and names cut to 46 letters. `a-edited.jpg` has that
    of `a.jpg` where it has none of its own.
    """
    by_key, edited = _keys(photos)
    by_stem: defaultdict[bytes, list[bytes]] = defaultdict(list)
    for photo in photos:
        by_stem[os.path.splitext(photo.lower())[0]].append(photo)
    ordered = sorted(by_key)
    own: dict[bytes, list[bytes]] = {}
    of_originals: dict[bytes, list[bytes]] = {}
    for sidecar in sidecars:
        stem = os.path.splitext(sidecar.lower())[0]
        found = by_key.get((0, stem)) or by_stem.get(stem, [])
        if sidecar.lower().endswith(_JSON):
            key = next((key for key in _takeout_keys(stem) if key in by_key or key in edited), None)
            key = key or _beginning(stem, ordered)
            if key:
                found = by_key.get(key, [])
                of_originals[sidecar] = edited.get(key, [])
        # Where upper and lower case make two photos, the one that is written as in the sidecar's name.
        own[sidecar] = [photo for photo in found if sidecar.startswith(photo)] or list(found)
    has_own = {photo for sidecar, found in own.items() if sidecar.lower().endswith(_JSON) for photo in found}
    both = {
        sidecar: (*found, *(photo for photo in of_originals.get(sidecar, ()) if photo not in has_own))
        for sidecar, found in own.items()
    }
    return {sidecar: found for sidecar, found in both.items() if found}


def _keys(
    photos: Collection[bytes],
) -> tuple[Mapping[_Key, list[bytes]], Mapping[_Key, list[bytes]]]:
    """The keys by which a photo is named, and those of photos that were edited, by their originals'."""
    by_key: defaultdict[_Key, list[bytes]] = defaultdict(list)
    edited: defaultdict[_Key, list[bytes]] = defaultdict(list)
    for photo in photos:
        stem, ending = os.path.splitext(photo.lower())
        keys = [(0, stem)]
        if numbered := _NUMBERED.fullmatch(stem):
            keys.append((int(numbered[2]), numbered[1]))
        for number, name in keys:
            by_key[number, name + ending].append(photo)
            for word in _EDITED:
                if name.endswith(word):
                    edited[number, name.removesuffix(word) + ending].append(photo)
    return by_key, edited


def _takeout_keys(stem: bytes) -> list[_Key]:
    """What a JSON file of this name, without ".json", may be of; the likelier before."""
    stems = [(0, stem)]
    if numbered := _NUMBERED.fullmatch(stem):
        stems.append((int(numbered[2]), numbered[1]))
    return [
        (number, name.removesuffix(beginning))
        for beginning in reversed(_BEGINNINGS)
        for number, name in stems
        if name.endswith(beginning)
    ]


def _beginning(stem: bytes, ordered: list[_Key]) -> _Key | None:
    """The one photo whose name was cut to this."""
    number, name = 0, stem
    if numbered := _NUMBERED.fullmatch(stem):
        number, name = int(numbered[2]), numbered[1]
    if len(name.decode(errors="replace")) < _CUT and len(name) < _CUT:
        return None
    at = bisect_left(ordered, (number, name))
    found = [key for key in ordered[at : at + 2] if key[0] == number and key[1].startswith(name)]
    return found[0] if len(found) == 1 else None
