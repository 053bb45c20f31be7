"""What the person said of a photo stays with it when another program edits its file."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from photosearch.decode.thumbnail import thumbnail
from photosearch.index.edits import likeness
from photosearch.store.reader import Reader
from tests.helpers.photos import make_photo, picture, sample_photos
from tests.unit.index.index_under_test import Index

SOFTWARE, DATE_TIME_ORIGINAL = 0x0131, 0x9003


@pytest.fixture(scope="module")
def scenes() -> list[Image.Image]:
    """Photographs, of 400 pixels on the long edge."""
    photos = [Image.open(path).convert("RGB") for path in sample_photos()]
    for photo in photos:
        photo.thumbnail((400, 400))
    return photos


def write(path: Path, image: Image.Image, by: str = "", taken: str = "") -> Path:
    """As other programs do: a file beside it, renamed over it."""
    exif = Image.Exif()
    if by:
        exif[SOFTWARE] = by
    if taken:
        exif.get_ifd(0x8769)[DATE_TIME_ORIGINAL] = taken
    beside = path.with_name(f".{path.name}.tmp")
    image.save(beside, "JPEG", quality=92, exif=exif)
    beside.replace(path)
    return path


def tell(index: Index, name: str, caption: str = "Rusty at the sea") -> int:
    """Caption, heart, stars and an album for the photo that a file holds; -> the album."""
    photo_id = index.holds()[name]
    index.writer.set_caption(photo_id, "A first word")
    index.writer.set_caption(photo_id, caption)
    index.writer.set_favourite([photo_id], True)
    index.writer.set_rating([photo_id], 4)
    return index.writer.create_album(f"Best of {name}", [photo_id])


def told(index: Index, name: str) -> tuple[str | None, bool, int | None, list[str]]:
    with Reader.open(index.library) as reader:
        photo = reader.details(index.holds()[name])
        assert photo is not None
        return photo.caption, photo.favourite, photo.rating, sorted(photo.albums.values())


def undo_says(index: Index) -> str:
    with Reader.open(index.library) as reader:
        undo = reader.history().undo
        return str(undo.says) if undo else ""


ALL = ("Rusty at the sea", True, 4, ["Best of a.jpg"])
NOTHING = (None, False, None, [])


def metadata(image: Image.Image) -> Image.Image:
    return image


def darker(image: Image.Image) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(0.7)


def grey(image: Image.Image) -> Image.Image:
    return ImageOps.grayscale(image).convert("RGB")


def smaller(image: Image.Image) -> Image.Image:
    return image.resize((image.width // 2, image.height // 2))


def cropped(image: Image.Image) -> Image.Image:
    width, height = image.size
    return image.crop((width // 20, height // 20, width - width // 20, height - height // 20))


def framed(image: Image.Image) -> Image.Image:
    return ImageOps.expand(image, 20, "white")


def turned(image: Image.Image) -> Image.Image:
    return image.transpose(Image.Transpose.ROTATE_90)


@pytest.mark.parametrize("edit", [metadata, turned, smaller])
def test_where_the_pixels_stay_the_notes_do_without_a_word(index, scenes, edit):
    photo = write(index.root / "a.jpg", scenes[1])
    index.run()
    before = index.holds()["a.jpg"]
    tell(index, "a.jpg")
    write(photo, edit(scenes[1]), by="by another program")
    report = index.run()
    assert index.holds()["a.jpg"] != before
    assert told(index, "a.jpg") == ALL
    assert (report.indexed, report.notes_kept) == (1, 1)
    assert undo_says(index) == "New album “Best of a.jpg”"
    assert index.run().notes_kept == 0


@pytest.mark.parametrize("edit", [darker, grey, cropped, framed])
def test_where_the_pixels_are_others_that_is_said_and_can_be_undone(index, scenes, edit):
    for number, scene in enumerate(scenes[:3]):
        write(index.root / f"{'abc'[number]}.jpg", scene)
    index.run()
    for name in ("a.jpg", "b.jpg"):
        tell(index, name)
    for number, scene in enumerate(scenes[:3]):
        write(index.root / f"{'abc'[number]}.jpg", edit(scene))
    assert index.run().notes_kept == 2
    assert told(index, "a.jpg") == ALL
    assert undo_says(index) == "2 photos edited by another program, notes kept"
    index.writer.undo()
    assert told(index, "a.jpg") == told(index, "b.jpg") == NOTHING
    index.writer.redo()
    assert told(index, "a.jpg") == ALL


def test_another_photo_of_the_same_name_keeps_nothing_and_the_former_comes_back(index, scenes):
    photo = write(index.root / "a.jpg", scenes[0])
    index.run()
    tell(index, "a.jpg")
    kept = shutil.copy(photo, index.root.parent / "kept.jpg")
    write(photo, scenes[1])
    assert index.run().notes_kept == 0
    assert told(index, "a.jpg") == NOTHING
    shutil.copy(kept, index.root / "elsewhere.jpg")
    index.run()
    assert told(index, "elsewhere.jpg") == ALL


def test_a_screen_of_other_words_is_not_silently_the_same(index):
    def screen(words: str) -> Image.Image:
        image = Image.new("RGB", (800, 500), "white")
        draw = ImageDraw.Draw(image)
        draw.rectangle((0, 0, 150, 500), fill=(200, 205, 215))
        draw.multiline_text((175, 100), words, fill="black", font_size=20)
        return image

    photo = write(index.root / "a.jpg", screen("Invoice 2041\nTotal 300 EUR\nfor Ana"))
    index.run()
    tell(index, "a.jpg")
    write(photo, screen("Invoice 9987\nTotal 7 EUR\nfor Bob and Joe"))
    index.run()
    assert undo_says(index) in ("1 photo edited by another program, notes kept", "New album “Best of a.jpg”")
    if told(index, "a.jpg") == ALL:
        index.writer.undo()
        assert told(index, "a.jpg") == NOTHING


def test_another_shot_of_the_scene_keeps_nothing(index, scenes):
    photo = write(index.root / "a.jpg", scenes[2], taken="2024:05:01 10:00:00")
    index.run()
    tell(index, "a.jpg")
    write(photo, cropped(scenes[2]), taken="2024:05:01 10:00:03")
    assert index.run().notes_kept == 0
    assert told(index, "a.jpg") == NOTHING


def test_history_goes_on_where_the_notes_are(index, scenes):
    photo = write(index.root / "a.jpg", scenes[0])
    index.run()
    tell(index, "a.jpg")
    write(photo, scenes[0], by="other metadata")
    index.run()
    index.writer.undo()  # the album
    index.writer.undo()  # the stars
    assert told(index, "a.jpg") == ("Rusty at the sea", True, None, [])
    index.writer.undo()
    index.writer.undo()
    assert told(index, "a.jpg") == ("A first word", False, None, [])
    for _ in range(4):
        index.writer.redo()
    assert told(index, "a.jpg") == ALL


@pytest.mark.parametrize("edit", [metadata, darker])
def test_an_edit_that_is_taken_back_there_brings_what_was_said_since(index, scenes, edit):
    photo = write(index.root / "a.jpg", scenes[0])
    kept = shutil.copy(photo, index.root.parent / "kept.jpg")
    index.run()
    first = index.holds()["a.jpg"]
    album = tell(index, "a.jpg")
    write(photo, edit(scenes[0]), by="edited")
    index.run()
    index.writer.set_caption(index.holds()["a.jpg"], "Said since")
    shutil.copy(kept, photo)
    index.run()
    assert index.holds()["a.jpg"] == first
    assert told(index, "a.jpg") == ("Said since", True, 4, ["Best of a.jpg"])
    write(photo, edit(scenes[0]), by="edited")  # and once more
    index.run()
    assert told(index, "a.jpg") == ("Said since", True, 4, ["Best of a.jpg"])
    with Reader.open(index.library) as reader:
        assert len(reader.album_photos(album)[0]) == 1


def test_an_edited_photo_keeps_its_place_in_an_album(index, scenes):
    names = ["a.jpg", "b.jpg", "c.jpg"]
    for name, scene in zip(names, scenes, strict=False):
        write(index.root / name, scene)
    index.run()
    album = index.writer.create_album("Best", [index.holds()[name] for name in ("c.jpg", "a.jpg", "b.jpg")])
    write(index.root / "a.jpg", scenes[0], by="edited")
    index.run()
    with Reader.open(index.library) as reader:
        assert reader.album_photos(album)[0].tolist() == [
            index.holds()[name] for name in ("c.jpg", "a.jpg", "b.jpg")
        ]


@pytest.mark.parametrize("seen_between", [False, True])
def test_edited_and_renamed_in_one_go(index, scenes, seen_between):
    photo = write(index.root / "a.jpg", scenes[0])
    write(index.root / "b.jpg", scenes[1])
    index.run()
    tell(index, "a.jpg")
    photo.unlink()
    if seen_between:
        index.run()
    (index.root / "elsewhere").mkdir()
    write(index.root / "elsewhere" / "same pixels.jpg", scenes[0], by="of another folder")
    write(index.root / "2024-05-01.jpg", scenes[0], by="renamed and edited")
    assert index.run().notes_kept == 1
    assert told(index, "2024-05-01.jpg") == ALL
    assert told(index, "elsewhere/same pixels.jpg") == NOTHING


def test_a_copy_that_was_there_takes_nothing_of_one_that_goes(index, scenes):
    photo = write(index.root / "a.jpg", scenes[0])
    write(index.root / "b.jpg", scenes[0], by="the same pixels")
    index.run()
    tell(index, "a.jpg")
    photo.unlink()
    assert index.run().notes_kept == 0
    assert told(index, "b.jpg") == NOTHING


@pytest.mark.parametrize("seed", [2, 5, 23, 45])  # whose fingerprints change more than most as they turn
def test_a_small_picture_is_the_same_whichever_way_it_is_turned(seed):
    small = picture(seed, (120, 90))
    turns = [small.transpose(turn) for turn in Image.Transpose]
    found = {likeness(thumbnail(small), thumbnail(turn), lambda: 0.0) for turn in turns}
    assert found == {"same"}


def test_black_photos_are_not_taken_for_each_other_by_their_pixels(index):
    make_photo(index.root / "a.jpg", color="black")
    index.run()
    tell(index, "a.jpg")
    (index.root / "a.jpg").unlink()
    make_photo(index.root / "b.jpg", color="black", exif_orientation=1)
    assert index.run().notes_kept == 0
    assert told(index, "b.jpg") == NOTHING


def test_two_photos_of_the_night_are_two(index, scenes):
    night = [Image.eval(scene.resize((400, 300)), lambda level: level // 40) for scene in scenes[:2]]
    photo = write(index.root / "a.jpg", night[0])
    index.run()
    tell(index, "a.jpg")
    write(photo, night[1])
    assert index.run().notes_kept == 0
    assert told(index, "a.jpg") == NOTHING


@pytest.mark.parametrize("path", ["a.jpg", "renamed.jpg"])
def test_a_damaged_thumbnail_costs_no_run(index, scenes, path):
    write(index.root / "a.jpg", scenes[0])
    index.run()
    tell(index, "a.jpg")
    with closing(sqlite3.connect(index.library.thumbnails)) as thumbnails:
        thumbnails.execute("UPDATE thumbnails SET jpeg = x'ffd8ff00'")
        thumbnails.commit()
    (index.root / "a.jpg").unlink()
    write(index.root / path, scenes[0], by="edited")
    report = index.run()
    assert (report.indexed, report.notes_kept) == (1, 0)


def test_where_another_file_holds_the_photo_as_it_was_both_have_the_notes(index, scenes):
    photo = write(index.root / "a.jpg", scenes[0])
    shutil.copy(photo, index.root / "copy.jpg")
    index.run()
    tell(index, "a.jpg")
    write(photo, scenes[0], by="edited")
    index.run()
    assert told(index, "copy.jpg") == ALL
    assert told(index, "a.jpg") == (*ALL[:3], [])  # an album has one of them


@pytest.mark.parametrize("names", [("b.jpg", "a.jpg"), ("a.jpg", "b.jpg"), ("a.jpg", "before.jpg")])
def test_a_photo_and_its_edit_that_change_names_keep_what_was_said_of_each(index, scenes, names):
    edited, original = (index.root / name for name in names)
    write(edited, scenes[0])
    shutil.copy(edited, original)
    index.run()
    tell(index, names[0])
    write(edited, darker(scenes[0]))
    index.run()
    for name, caption in zip(names, ("the edit", "the original"), strict=True):
        index.writer.set_caption(index.holds()[name], caption)
    kept = edited.with_name("c.jpg")
    edited.rename(kept)
    original.rename(edited)
    if names[1] != "before.jpg":
        kept.rename(original)  # a swap
        kept = original
    index.run()
    assert told(index, names[0])[0] == "the original"
    assert told(index, kept.name)[0] == "the edit"


def test_an_edit_that_goes_where_its_original_is_leaves_it_what_was_said_last(index, scenes):
    photo = write(index.root / "a.jpg", scenes[0])
    shutil.copy(photo, index.root / "b.jpg")
    index.run()
    tell(index, "a.jpg")
    write(photo, darker(scenes[0]))
    index.run()
    index.writer.set_caption(index.holds()["a.jpg"], "said since")
    shutil.copy(index.root / "b.jpg", photo)
    index.run()
    assert told(index, "a.jpg")[0] == "said since"


@pytest.mark.parametrize("share", [0.05, 0.6])
def test_a_half_written_file_between_costs_nothing(index, scenes, share):
    photo = write(index.root / "a.jpg", scenes[0])
    index.run()
    tell(index, "a.jpg")
    whole = photo.read_bytes()
    photo.write_bytes(whole[: int(len(whole) * share)])
    index.run()
    write(photo, scenes[0], by="whole again")
    index.run()
    assert told(index, "a.jpg") == ALL


def test_another_photo_between_costs_nothing(index, scenes):
    photo = write(index.root / "a.jpg", scenes[0])
    index.run()
    tell(index, "a.jpg")
    for number in (1, 2):
        write(photo, scenes[number])
        index.run()
        assert told(index, "a.jpg") == NOTHING
    write(photo, darker(scenes[0]))
    assert index.run().notes_kept == 1
    assert told(index, "a.jpg") == ALL


def test_a_file_that_was_away_when_it_was_looked_for_costs_nothing(index, scenes):
    photo = write(index.root / "a.jpg", scenes[0])
    index.run()
    tell(index, "a.jpg")
    photo.unlink()
    index.run()
    write(photo, darker(scenes[0]))
    assert index.run().notes_kept == 1
    assert told(index, "a.jpg") == ALL


def test_a_folder_that_was_taken_out_and_edited_meanwhile(index, scenes):
    photo = write(index.root / "a.jpg", scenes[0])
    index.run()
    tell(index, "a.jpg")
    index.writer.remove_folder(bytes(index.root))
    write(photo, scenes[0], by="edited")
    index.add_folder(index.root)
    index.run()
    assert told(index, "a.jpg") == ALL


def test_a_burst_of_edits_keeps_each_photos_own(index):
    for number in range(40):
        picture(number, (96, 72)).save(index.root / f"{number}.jpg")
    index.run()
    held = index.holds()
    for number in range(40):
        index.writer.set_caption(held[f"{number}.jpg"], f"number {number}")
    for number in range(40):
        write(index.root / f"{number}.jpg", picture(number, (96, 72)), by="rated")
    assert index.run().notes_kept == 40
    assert [told(index, f"{number}.jpg")[0] for number in range(40)] == [f"number {n}" for n in range(40)]


@pytest.mark.parametrize("stopped", ["after the commit", "before what is gone is forgotten"])
def test_an_interrupted_run_leaves_it_to_the_next(index, scenes, monkeypatch, stopped):
    photo = write(index.root / "a.jpg", scenes[0])
    write(index.root / "b.jpg", scenes[1])
    index.run()
    tell(index, "a.jpg")
    index.writer.set_caption(index.holds()["b.jpg"], "a cat")
    photo.unlink()
    write(index.root / "z.jpg", scenes[0], by="renamed")
    write(index.root / "b.jpg", scenes[1], by="edited")

    class Killed(Exception):
        pass

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        if stopped == "after the commit":
            index.run(on_commit=killed)
        else:
            patched.setattr(index.writer, "forget", killed)
            index.run()
    index.run()
    assert told(index, "z.jpg") == ALL
    assert told(index, "b.jpg")[0] == "a cat"
