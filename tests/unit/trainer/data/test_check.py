import io
import zlib
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from photosearch.core.errors import KnownError
from photosearch.models.tokenizer import Tokenizer
from tests.helpers.pairs_folder import photo_folder
from tests.helpers.photos import picture
from tests.helpers.tiny_config import make_tiny_tokenizer
from trainer.data.check import DataReport, Some, check, script


def table(folder: Path, name: str, *rows: str) -> None:
    (folder / name).write_text("\n".join(["filename,caption", *rows, ""]), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return photo_folder(tmp_path / "data", *(f"images/{n}.jpg" for n in range(9)))


def names(some: Some) -> list[str]:
    return [Path(name.split(" ")[0]).name for name in some.first]


def test_a_sound_folder_is_ready(folder: Path) -> None:
    table(folder, "captions.csv", "0.jpg,A dog runs", "0.jpg,It is brown", "1.jpg,A cat")
    report = check(folder)
    assert (report.format, report.images, report.captions) == ("captions.csv", 2, 3)
    assert report.sides["all"].captions_per_image == {1: 1, 2: 1}
    assert (report.lengths.unit, report.lengths.median, report.lengths.longest) == ("words", 3, 3)
    assert report.scripts == {"Latin": 3}
    assert report.ready and report.verdict[-1] == "Ready to train."
    assert "2 images are few" in report.verdict[0]
    assert report.leaks == {} and report.missing == report.unreadable == report.shared == Some()


def test_all_that_is_wrong_is_found_at_once(folder: Path) -> None:
    images = folder / "images"
    (images / "copy.jpg").write_bytes((images / "2.jpg").read_bytes())
    picture(3, (300, 220)).save(images / "large.png")
    (images / "4.jpg").write_bytes(b"broken")
    table(
        folder,
        "train.csv",
        *("0.jpg,A dog", "0.jpg,A dog", "1.jpg,一只狗", "copy.jpg,Copied", "large.png,Large", "4.jpg,Broken"),
        *("gone.jpg,Nothing", "lost.jpg,Nothing", f"5.jpg,{'long ' * 300}", "6.jpg,Собака"),
    )
    table(folder, "val.csv", "2.jpg,A cat", "3.jpg,A bus")
    table(folder, "test.csv", "2.jpg,A cat again")
    report = check(folder)
    assert not report.ready
    assert report.missing == Some(2, ["gone.jpg", "lost.jpg"])
    assert report.unreadable.count == 1 and names(report.unreadable) == ["4.jpg"]
    assert report.repeated_files.count == 1 and names(report.repeated_files) == ["2.jpg"]
    assert report.near_duplicates.count == 1 and "large.png" in report.near_duplicates.first[0]
    assert list(report.leaks) == ["train and val", "train and test", "val and test"]
    assert names(report.leaks["train and val"].same) == ["copy.jpg"]
    assert names(report.leaks["train and val"].alike) == ["large.png"]
    assert names(report.leaks["val and test"].same) == ["2.jpg"]
    assert report.scripts == {"Latin": 9, "Han": 1, "Cyrillic": 1}
    assert report.repeated_rows == 1
    assert names(report.huge) == ["5.jpg"]
    assert [name.replace("\\", "/") for name in report.repeated_files.first] == [
        "images/2.jpg is images/copy.jpg"
    ]
    text = "\n".join(report.lines())
    for part in (
        "2 images",
        "Missing images: 2",
        "gone.jpg",
        "--skip-unreadable",
        "2 image(s) are in train and val alike; training leaves them out",
        "several scripts",
        "Repeated rows: 1",
    ):
        assert part in text, part


def test_captions_that_a_tokenizer_cuts_are_counted(folder: Path, tmp_path: Path) -> None:
    table(folder, "captions.csv", "0.jpg,a dog", "1.jpg,two dogs run along a beach in the city")
    tokenizer = Tokenizer(make_tiny_tokenizer(tmp_path / "tokenizer.json").read_bytes(), 6)
    report = check(folder, tokenizer)
    assert (report.lengths.unit, report.lengths.limit, report.lengths.cut) == ("tokens", 6, 1)
    assert report.lengths.longest == 6
    assert any("50.0% of the captions lose their end" in line for line in report.lines())


def test_captions_of_many_images_and_empty_ones(tmp_path: Path) -> None:
    folder = photo_folder(tmp_path / "data", *(f"{n}.jpg" for n in range(7)))
    for n in range(6):
        (folder / f"{n}.txt").write_text("A photo" if n < 5 else "Another\n\u200b\n")
    report = check(folder)
    assert report.shared == Some(1, ["'A photo' (5)"])
    assert names(report.empty) == ["5.jpg"]
    assert report.notes == ["1 photo(s) have no text beside them and are left out."]
    assert report.ready


def test_only_the_first_few_are_named(folder: Path) -> None:
    table(folder, "captions.csv", "0.jpg,A", *(f"lost{n}.jpg,B" for n in range(30)))
    report = check(folder)
    assert (report.missing.count, len(report.missing.first)) == (30, 5)


def test_a_report_is_json(folder: Path) -> None:
    table(folder, "captions.csv", "0.jpg,A dog", "1.jpg,A cat")
    report = check(folder)
    assert msgspec.json.decode(msgspec.json.encode(report), type=DataReport) == report


def test_a_huge_image_is_not_decoded(folder: Path) -> None:
    buffer = io.BytesIO()
    Image.new("1", (20, 16)).save(buffer, "PNG")
    data = buffer.getvalue()
    header = b"IHDR" + (20_000).to_bytes(4, "big") + (16_000).to_bytes(4, "big") + data[24:29]
    claims_more = data[:12] + header + zlib.crc32(header).to_bytes(4, "big") + data[33:]
    (folder / "images" / "huge.png").write_bytes(claims_more)
    table(folder, "captions.csv", "huge.png,A dog", "1.jpg,A cat")
    assert "320 megapixels" in check(folder).unreadable.first[0]


def test_a_folder_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="Looked for"):
        check(tmp_path)


@pytest.mark.parametrize(
    ("caption", "name"),
    [
        ("Two dogs", "Latin"),
        ("一只狗 DOG", "Han"),
        ("犬がはしっている", "Hiragana"),
        ("Две собаки", "Cyrillic"),
        ("كلبان", "Arabic"),
        ("123 !", "none"),
    ],
)
def test_scripts(caption: str, name: str) -> None:
    assert script(caption) == name
