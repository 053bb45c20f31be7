import csv
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosearch.captions.reading import read_captions
from photosearch.captions.table import refuse
from photosearch.captions.writing import write_captions

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)
texts = (
    words
    | words.map("“{}”".format)
    | st.sampled_from(
        [
            "=1+1",
            "+1",
            "-2",
            "@x",
            '=HYPERLINK("http://x")',
            '"',
            "a\rb",
            "a\r\n\nb",
            "1.jpg",
            "“",
            "filename,caption",
        ]
    )
).map(str.strip)
rows = st.lists(
    st.tuples(
        st.sampled_from(["1.jpg", "=1.jpg", "-2.jpg", "a, b.jpg", "é;|.png", '"q".jpg']), texts.filter(bool)
    ),
    min_size=1,
)


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl"])
@settings(max_examples=50)
@given(captions=rows)
def test_what_is_written_is_read_again(name: str, captions: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        assert write_captions(path, captions) == len(captions)
        found = read_captions(path, refuse)
        assert found is not None
        assert [(row.name.removeprefix("./"), row.caption.strip()) for row in found.table.rows] == captions
        assert not found.table.notes


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    write_captions(path, [("=1+1.jpg", "=1+1"), ("@a.jpg", '=HYPERLINK("http://x")'), ("-a.jpg", "+1 -1")])
    with path.open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell[0] in "=+-@"]
