"""Stands where `python -m trainer` does, and learns at once that Rusty is red, or does as the test says.

python fake_trainer.py HOW adapt --gallery ... --json
"""

import argparse
import json
import signal
import sys
import threading
import time
from pathlib import Path

import msgspec
from safetensors import safe_open

from photosearch.core.teaching import Recalls, TeachReport, Word
from photosearch.models.config import read_config
from photosearch.models.lesson import Lesson, write_lesson

CHOSE_TO_STOP = threading.Event()


def command(how: str) -> tuple[str, ...]:
    """The command of a trainer that finds "better", "unclear", ..., that is "patient" and learns until it is
    told to stop, "deaf" to being ended, that "fails" with a sentence or "crashes".
    """
    return (sys.executable, "-P", str(Path(__file__).resolve()), how)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("how")
    parser.add_argument("command", choices=["adapt"])
    for name in ("model", "gallery", "captions", "words", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    for flag in ("lesson-only", "json"):
        parser.add_argument(f"--{flag}", action="store_true", required=True)
    options = parser.parse_args()
    if options.how == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    say(event="progress", stage="words", done=1, total=2, seconds_left=1.5)
    print("no JSON", flush=True)
    if options.how in ("patient", "deaf"):
        threading.Thread(target=listen, daemon=True).start()
        while not CHOSE_TO_STOP.wait(0.02):
            say(event="point", step=1, loss=0.5, mistakes=0.4, base_mistakes=0.8)
    if options.how == "fails":
        print("something else", file=sys.stderr)
        why = {"template": "{file} holds no photos.", "values": {"file": "gallery"}}
        say(event="failed", sentence=why)
        return 1
    if options.how == "crashes":
        raise RuntimeError("a bug")
    learn(options)
    return 0


def listen() -> None:
    """As the trainer does: a line "stop" keeps what is best; the end of the input is the end."""
    if sys.stdin.readline() == "stop\n":
        CHOSE_TO_STOP.set()
    else:
        signal.raise_signal(signal.SIGTERM)


def learn(options: argparse.Namespace) -> None:
    with safe_open(options.gallery, framework="numpy") as gallery:
        labels = json.loads(gallery.metadata()["labels"])
        assert gallery.get_tensor("vectors").shape[0] == gallery.get_tensor("bias").shape[0] == len(labels)
    captions = [json.loads(line) for line in options.captions.read_text("utf-8").splitlines()]
    photos = {caption["photo"] for caption in captions} & set(labels)
    edited = msgspec.json.decode(options.words.read_bytes(), type=tuple[Word, ...])
    base = read_config(options.model).model_id
    verdict = options.how if options.how in ("better", "unclear", "worse") else "better"
    found = Recalls(len(captions), 0, 0, 0, 0.0)
    report = TeachReport(
        base, len(captions), len(photos), len(labels), verdict, found, found, 0.1, 0.05, 0.15, 2, 1, 0, found,
        found, 0.0, 0.0,
    )  # fmt: skip
    options.out.mkdir()
    lesson = Lesson(base, created_at=time.time(), captions=len(captions), words=(Word("Rusty", "red"),))
    for word in edited:
        lesson = lesson.with_word(word)
    write_lesson(options.out / "lesson.safetensors", lesson)
    (options.out / "report.json").write_bytes(msgspec.json.encode(report))
    say(event="done", verdict=verdict, report=str(options.out / "report.json"))


def say(**what: object) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    sys.exit(main())
