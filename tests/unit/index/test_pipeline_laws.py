"""Whatever happens to a tree of files, one run later the store says what the tree holds."""

import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.photos import make_photo
from tests.unit.index.index_under_test import Index

NAMES = st.sampled_from(["a.png", "b.png", "sub/a.png", "sub/deep/c.png", "ü\n🏖.png"])
CONTENTS = st.sampled_from(["red", "green", "blue", "broken"])
STEPS = st.one_of(
    st.tuples(st.just("write"), NAMES, CONTENTS),
    st.tuples(st.just("rename"), NAMES, NAMES),
    st.tuples(st.just("copy"), NAMES, NAMES),
    st.tuples(st.just("delete"), NAMES, st.none()),
    st.tuples(st.just("rename folder"), st.none(), st.none()),
    st.tuples(st.just("scan"), st.none(), st.none()),
)


def change(root: Path, step: str, one: str | None, other: str | None) -> None:
    if step == "write":
        path = root / one
        path.parent.mkdir(parents=True, exist_ok=True)
        if other == "broken":
            path.write_bytes(b"broken")
        else:
            make_photo(path, color=other, size=(24, 24 + len(other)))
    elif step == "rename folder":
        if (root / "sub").exists():
            shutil.rmtree(root / "moved", ignore_errors=True)
            (root / "sub").rename(root / "moved")
    elif (root / one).exists() and one != other:
        if step == "delete":
            (root / one).unlink()
            return
        (root / other).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copy if step == "copy" else os.replace)(root / one, root / other)


def content_of(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*.png")}


@settings(max_examples=50)
@given(steps=st.lists(STEPS, max_size=12))
def test_after_a_run_the_store_equals_the_tree(decoder_pool, steps):
    with tempfile.TemporaryDirectory() as folder:
        index = Index(Path(folder), decoder_pool)
        with index.writer:
            for step in [*steps, ("scan", None, None)]:
                if step[0] == "scan":
                    index.run()
                else:
                    change(index.root, *step)
            tree, held = content_of(index.root), index.holds()
            assert set(index.failures()) == {name for name, data in tree.items() if data == b"broken"}
            assert set(held) == {name for name, data in tree.items() if data != b"broken"}
            # One photo for each content that was seen, shared by the files that hold it, and encoded once.
            photo_of = {tree[name]: photo_id for name, photo_id in held.items()}
            assert all(photo_of[tree[name]] == photo_id for name, photo_id in held.items())
            assert len(set(photo_of.values())) == len(photo_of)
            assert index.encoder.encoded <= 3
            report = index.run()
            assert (report.indexed, report.moved, report.removed, report.failed) == (0, 0, 0, 0)
            assert report.unchanged == len(tree)
