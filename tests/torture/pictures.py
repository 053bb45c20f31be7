"""Damaged pictures through the real decoders: each ends in a picture or in a sentence, and costs no other."""

import hashlib
import itertools
import json
import os
import random
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from photosearch.core.photo import LONGEST_CAPTION, Facts
from photosearch.decode.pool import Decoded, DecodeError, DecoderPool, Limits
from tests.helpers.decoding import PREPROCESSING, always
from tests.helpers.photos import make_photo
from tests.torture.damage import damaged, sound_pictures
from tests.torture.tally import Tally

WORKERS = 2
SECONDS_EACH = 10.0
SOUND_EACH = 25  # damaged ones, after which a sound one is to be read as ever
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d)?)?)?)?")


def torture(tally: Tally, seconds: float, seed: int, place: Path) -> None:
    """Decode damaged pictures until the time is over."""
    deadline = time.monotonic() + seconds
    sound = sound_pictures()
    numbers = itertools.count()
    whole = os.fsencode(make_photo(place / "whole.jpg", 7, size=(300, 200)))
    with DecoderPool(PREPROCESSING, WORKERS, Limits(seconds=SECONDS_EACH)) as pool:
        expected = _digest(pool.decode(whole, always))
        for name, content in sound:
            path = place / name
            path.write_bytes(content)
            decoded = _decoded(tally, pool, path, content)
            tally.check("a sound picture is read", decoded is not None, name)

        def work() -> None:
            path = place / f"damaged-{threading.get_ident()}"
            while time.monotonic() < deadline:
                number = next(numbers)
                name, content = damaged(random.Random(f"{seed} {number}"), sound)
                path.write_bytes(content)
                _decoded(tally, pool, path, content)
                tally.count(f"damaged {name.rpartition('.')[2]}")
                tally.count("damaged pictures in all")
                if number % SOUND_EACH == 0:
                    same = _digest(pool.decode(whole, always)) == expected
                    tally.check("after a damaged picture a sound one is read as ever", same, number)

        with ThreadPoolExecutor(WORKERS) as threads:
            for ended in [threads.submit(work) for _ in range(WORKERS)]:
                ended.result()


def _decoded(tally: Tally, pool: DecoderPool, path: Path, content: bytes) -> Decoded | None:
    """The picture, where there is one; what comes of it is counted."""
    try:
        decoded = pool.decode(os.fsencode(path), always)
    except DecodeError as error:
        told = str(error)
        tally.check("a damaged picture ends in a picture or a sentence", told)
        if "crashed" in told or "killed" in told or "longer" in told:
            tally.count(f"ended by its limits: {told}")
            tally.keep(f"limits-{hashlib.sha256(content).hexdigest()[:12]}", content)
        return None
    except Exception as error:  # noqa: BLE001  (that is what is looked for)
        kept = tally.keep(hashlib.sha256(content).hexdigest()[:12], content)
        tally.check("a damaged picture ends in a picture or a sentence", False, f"{error!r}: {kept}")
        return None
    tally.check("a damaged picture ends in a picture or a sentence", True)
    tally.count("pictures that were read all the same")
    if faults := _faults(decoded, content):
        kept = tally.keep(hashlib.sha256(content).hexdigest()[:12], content)
        faults.append(str(kept))
    tally.check("what a file says is within bounds", not faults, faults)
    return decoded


def _faults(decoded: Decoded, content: bytes) -> list[str]:
    """What must never get into a library, whatever a file says."""
    facts, found = decoded.facts, []
    if decoded.content_hash != hashlib.blake2b(content, digest_size=20).digest():
        found.append("hash")
    if not isinstance(facts, Facts):
        return [*found, "no facts"]
    said = msgspec.structs.asdict(facts)
    texts = [
        text
        for text in (facts.caption, facts.title, facts.camera, facts.lens, *facts.keywords, *facts.people)
        if text is not None
    ]
    for text in texts:
        if "\0" in text or len(text) > LONGEST_CAPTION or text != text.encode(errors="replace").decode():
            found.append(f"text {text[:50]!r}")
    if facts.width < 1 or facts.height < 1 or facts.width * facts.height > 300e6:
        found.append("size")
    if facts.taken_at is not None and not _DATE.fullmatch(facts.taken_at):
        found.append(f"date {facts.taken_at}")
    if facts.latitude is not None and not (abs(facts.latitude) <= 90 and abs(facts.longitude or 0) <= 180):
        found.append("place")
    if facts.rating is not None and facts.rating not in range(6):
        found.append("stars")
    try:
        json.dumps(said, allow_nan=False)
    except ValueError:
        found.append("a number that is none")
    if any(isinstance(value, int) and abs(value) >= 2**63 for value in said.values()):
        found.append("a number past 64 bits")
    return found


def _digest(decoded: Decoded) -> bytes:
    assert decoded.picture is not None
    return hashlib.sha256(decoded.picture.pixels + decoded.picture.thumbnail).digest()
