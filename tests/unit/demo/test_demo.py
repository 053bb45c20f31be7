"""The demo's photographs and its contact sheet."""

from pathlib import Path

import pytest
from PIL import Image

from photosearch.core.errors import KnownError
from photosearch.core.photo import Confidence
from photosearch.decode.thumbnail import thumbnail
from photosearch.demo import contact_sheet, photos
from photosearch.demo.__main__ import main


def test_the_samples_are_real_photographs_and_gathered_once(tmp_path: Path) -> None:
    folder = photos.gather(tmp_path / "photos")
    gathered = sorted(folder.iterdir())
    assert len(gathered) == 16
    for path in gathered:
        with Image.open(path) as image:
            assert min(image.size) > 100
    gathered[0].write_bytes(b"mine")
    photos.gather(folder)
    assert gathered[0].read_bytes() == b"mine"


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(KnownError, match=r"photosearch\[demo\]"):
        photos.gather(tmp_path)


def test_the_sheet_shows_each_photo_in_its_place(tmp_path: Path) -> None:
    colors = ("red", "lime", "blue")
    tiles = [
        contact_sheet.Tile(thumbnail(Image.new("RGB", (300, 200), color)), 0.5, Confidence.STRONG)
        for color in colors
    ]
    target = tmp_path / "new folder" / "sheet.png"
    contact_sheet.draw([contact_sheet.Row("three colours", tiles)], target)
    with Image.open(target) as sheet:
        middle = contact_sheet.MARGIN + contact_sheet.TITLE + contact_sheet.TILE // 2
        for column, color in enumerate(((255, 0, 0), (0, 255, 0), (0, 0, 255))):
            x = (
                contact_sheet.MARGIN
                + column * (contact_sheet.TILE + contact_sheet.GAP)
                + contact_sheet.TILE // 2
            )
            assert max(abs(a - b) for a, b in zip(sheet.getpixel((x, middle)), color, strict=True)) < 8


@pytest.mark.parametrize(
    ("locale", "begins", "says"),
    [("C", "Indexing the photos", "There is no folder"), ("zh_CN.UTF-8", "正在索引", "没有文件夹")],
)
def test_a_folder_that_is_not_there_is_told_in_a_sentence(
    locale: str,
    begins: str,
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    assert main(["--photos", str(tmp_path / "nowhere"), "--output", str(tmp_path)]) == 1
    told = capsys.readouterr()
    assert told.out.startswith(begins) and says in told.err
