import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.index.sidecars import is_sidecar_name, joined

LONG = b"a_photo_of_a_birthday_with_a_very_long_name_that_is_cut.jpg"
SUPPLEMENTAL = b".supplemental-metadata"


@pytest.mark.parametrize(
    ("photos", "sidecar", "of"),
    [
        ([b"IMG.jpg", b"IMG2.jpg"], b"IMG.jpg.xmp", [b"IMG.jpg"]),
        ([b"IMG.JPG"], b"img.jpg.XMP", [b"IMG.JPG"]),
        ([b"IMG.JPG", b"IMG.jpg"], b"IMG.jpg.xmp", [b"IMG.jpg"]),
        ([b"IMG.JPG", b"IMG.jpg"], b"IMG.JPG.json", [b"IMG.JPG"]),
        ([b"IMG.jpg", b"IMG.CR2", b"IMG2.jpg"], b"IMG.xmp", [b"IMG.jpg", b"IMG.CR2"]),
        ([b"IMG.jpg", b"IMG.CR2"], b"IMG.CR2.xmp", [b"IMG.CR2"]),
        ([b"IMG.jpg"], b"IMG_1.jpg.xmp", []),
        ([b"IMG.jpg", b"IMG(1).jpg"], b"IMG.jpg.json", [b"IMG.jpg"]),
        ([b"IMG.jpg", b"IMG(1).jpg"], b"IMG.jpg(1).json", [b"IMG(1).jpg"]),
        ([b"IMG.jpg", b"IMG(1).jpg"], b"IMG(1).jpg.json", [b"IMG(1).jpg"]),
        ([b"IMG.jpg", b"IMG(1).jpg"], b"IMG.jpg.supplemental-metadata(1).json", [b"IMG(1).jpg"]),
        ([b"IMG.jpg", b"IMG(1).jpg"], b"IMG.jpg.supplemental-me(1).json", [b"IMG(1).jpg"]),
        ([b"IMG.jpg"], b"IMG.json", [b"IMG.jpg"]),
        ([b"IMG.jpg", b"IMG-edited.jpg"], b"IMG.jpg.json", [b"IMG.jpg", b"IMG-edited.jpg"]),
        ([b"IMG-edited.jpg"], b"IMG.jpg.json", [b"IMG-edited.jpg"]),
        ([b"IMG-edited(1).jpg", b"IMG-edited.jpg"], b"IMG.jpg(1).json", [b"IMG-edited(1).jpg"]),
        (["IMG-已修改.jpg".encode()], b"IMG.jpg.supplemental-metadata.json", ["IMG-已修改.jpg".encode()]),
        ([LONG], LONG[:46] + b".json", [LONG]),
        ([LONG, LONG[:50] + b"2.jpg"], LONG[:46] + b".json", []),  # it may be of either
        ([b"short.jpg"], b"sho.json", []),
        ([b"IMG.jpg"], b"metadata.json", []),
        ([b"caf\xe9.jpg"], b"caf\xe9.jpg.json", [b"caf\xe9.jpg"]),
    ],
)
def test_a_sidecar_belongs_to_the_photo_that_its_name_says(photos, sidecar, of):
    assert is_sidecar_name(sidecar)
    assert joined(photos, [sidecar]) == ({sidecar: tuple(of)} if of else {})


def test_an_edited_photo_with_a_file_of_its_own_does_without_its_originals():
    photos = [b"IMG.jpg", b"IMG-edited.jpg"]
    sidecars = [b"IMG.jpg.json", b"IMG-edited.jpg.json"]
    assert joined(photos, sidecars) == {
        b"IMG.jpg.json": (b"IMG.jpg",),
        b"IMG-edited.jpg.json": (b"IMG-edited.jpg",),
    }


@given(
    stem=st.text("abcdefgh_0123456789", min_size=1, max_size=42),
    number=st.integers(0, 99),
    cut=st.integers(0, len(SUPPLEMENTAL)),
)
def test_takeouts_name_is_known_however_it_is_cut(stem, number, cut):
    counter = f"({number})" if number else ""
    photo = f"{stem}{counter}.jpg".encode()
    sidecar = f"{stem}.jpg".encode() + SUPPLEMENTAL[:cut] + counter.encode() + b".json"
    assert joined([photo, b"other.jpg"], [sidecar]) == {sidecar: (photo,)}
