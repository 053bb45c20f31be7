import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from photosearch.decode.image import DecodeError, read_facts
from tests.helpers.photos import picture

DESCRIPTION, USER_COMMENT, XP_COMMENT = 0x010E, 0x9286, 0x9C9C


def read_caption(data: bytes) -> str | None:
    return read_facts(data).caption


def photo(*, exif: Image.Exif | None = None, xmp: bytes = b"", iptc: bytes = b"", fmt: str = "JPEG") -> bytes:
    buffer = io.BytesIO()
    extra: dict[str, Any] = {"exif": exif.tobytes()} if exif is not None else {}
    if xmp and fmt == "PNG":
        extra["pnginfo"] = PngImagePlugin.PngInfo()
        extra["pnginfo"].add_itxt("XML:com.adobe.xmp", xmp.decode())
    elif xmp and fmt == "TIFF":
        extra["tiffinfo"] = {700: xmp}
    elif xmp:
        extra["xmp"] = xmp
    picture(1).save(buffer, fmt, **extra)
    data = buffer.getvalue()
    if iptc:
        block = b"8BIM\x04\x04\0\0" + len(iptc).to_bytes(4, "big") + iptc + b"\0" * (len(iptc) % 2)
        segment = b"Photoshop 3.0\0" + block
        data = data[:2] + b"\xff\xed" + (len(segment) + 2).to_bytes(2, "big") + segment + data[2:]
    return data


def exif_with(tag: int, value: object, in_details: bool = False) -> Image.Exif:
    exif = Image.Exif()
    if in_details:
        exif.get_ifd(0x8769)[tag] = value
    else:
        exif[tag] = value
    return exif


def record(record_number: int, data_set: int, value: bytes) -> bytes:
    return bytes([0x1C, record_number, data_set]) + len(value).to_bytes(2, "big") + value


def packet(inner: str) -> bytes:
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Description>'
        f"{inner}</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


SAYS = '<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{}</rdf:li></rdf:Alt></dc:description>'


@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_xmp_description(fmt: str) -> None:
    assert (
        read_caption(photo(xmp=packet(SAYS.format("Rusty &amp; the sea, 海")), fmt=fmt))
        == "Rusty & the sea, 海"
    )


@pytest.mark.parametrize(
    ("records", "caption"),
    [
        (record(1, 90, b"\x1b%G") + record(2, 120, "Über den Wolken".encode()), "Über den Wolken"),
        (record(2, 120, "Über den Wolken".encode("latin-1")), "Über den Wolken"),
        (record(2, 25, b"keyword"), None),
    ],
)
def test_iptc_caption(records: bytes, caption: str | None) -> None:
    assert read_caption(photo(iptc=records)) == caption


@pytest.mark.parametrize("text", ["Two dogs run", "Zwei Möwen", "一只狗在沙滩上"])
def test_exif_description_whatever_its_encoding(text: str) -> None:
    exif = exif_with(DESCRIPTION, text.encode())
    assert read_caption(photo(exif=exif)) == text


def test_exif_description_in_latin_1() -> None:
    assert (
        read_caption(photo(exif=exif_with(DESCRIPTION, "Zwei Möwen am Strand".encode("latin-1"))))
        == "Zwei Möwen am Strand"
    )


@pytest.mark.parametrize(
    "value",
    [
        b"ASCII\0\0\0A dog\0\0\0",
        b"UNICODE\0" + "A dog".encode("utf-16-le"),
        b"UNICODE\0" + "A dog".encode("utf-16-be"),
        b"Unicode\0" + "A dog".encode("utf-16-be") + b"\0\0",
        b"UNICODE\0" + "A dog".encode("utf-16"),  # with a byte order mark
        b"UNICODE\0A dog",  # EXIF 3.0
        b"UNICODE\0A dog\0\0\0",
        b"ascii\0\0\0A dog",
        b"\0" * 8 + "A dog".encode("utf-16-le"),
        b"\0" * 8 + b"A dog",
        b"JIS\0\0\0\0\0A dog",
        b"A dog",
    ],
)
def test_user_comment_in_each_of_its_encodings(value: bytes) -> None:
    assert read_caption(photo(exif=exif_with(USER_COMMENT, value, in_details=True))) == "A dog"


@pytest.mark.parametrize(
    "text", ["京都的庭院里有一只猫", "海", "一", "Żółw 🐢", "犬と猫", "개와 고양이", "Ёж", "狗", "dogs"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_unicode_comments_in_any_language_and_byte_order(text: str, encoding: str, order: str) -> None:
    exif = exif_with(USER_COMMENT, b"UNICODE\0" + text.encode(encoding), in_details=True)
    exif.endian = order
    data = photo(exif=exif)
    assert (b"Exif\0\0II" in data) == (order == "<")
    swapped = encoding == ("utf-16-be" if order == "<" else "utf-16-le")
    if swapped and text in ("海", "一", "狗"):
        return  # one character in the wrong order may be another one
    assert read_caption(data) == text


@pytest.mark.parametrize("text", ["Unicode", "ASCII", "charset=Ascii", "DSC_0042", "IMG_20200815_123000.jpg"])
def test_what_programs_write_by_mistake_is_no_caption(text: str) -> None:
    exif = exif_with(USER_COMMENT, b"UNICODE\0" + text.encode("utf-16-le"), in_details=True)
    exif[DESCRIPTION] = text
    assert read_caption(photo(exif=exif)) is None


def test_windows_comment() -> None:
    assert (
        read_caption(photo(exif=exif_with(XP_COMMENT, "Der Hund läuft\0".encode("utf-16-le"))))
        == "Der Hund läuft"
    )


@pytest.mark.parametrize(
    "text", ["OLYMPUS DIGITAL CAMERA         ", "SONY DSC", "", "  ", "2024-01-01", "Untitled"]
)
def test_what_a_camera_writes_is_no_caption(text: str) -> None:
    assert read_caption(photo(exif=exif_with(DESCRIPTION, text))) is None


def test_a_camera_s_words_do_not_hide_a_person_s() -> None:
    exif = exif_with(DESCRIPTION, "SAMSUNG")
    exif[XP_COMMENT] = "Grandma at the lake\0".encode("utf-16-le")
    assert read_caption(photo(exif=exif)) == "Grandma at the lake"


def test_xmp_goes_before_iptc_and_iptc_before_exif() -> None:
    exif, iptc = exif_with(DESCRIPTION, "from EXIF"), record(2, 120, b"from IPTC")
    assert read_caption(photo(exif=exif, iptc=iptc, xmp=packet(SAYS.format("from XMP")))) == "from XMP"
    assert read_caption(photo(exif=exif, iptc=iptc)) == "from IPTC"


def test_a_caption_is_one_line_of_bounded_length() -> None:
    caption = read_caption(photo(xmp=packet(SAYS.format("A dog\n\truns\u200b" + " far" * 9000))))
    assert caption is not None and caption.startswith("A dog runs far far") and len(caption) == 5000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_never_expanded(encoding: str) -> None:
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
        + packet(SAYS.format("&b; &c;")).decode().split("?>", 1)[1]
    )
    data = bomb.encode(encoding)
    assert read_caption(photo(xmp=data)) is None


def test_what_tifffile_notes_of_an_array_is_no_caption() -> None:
    exif = Image.Exif()
    exif[0x010E] = '{"shape": [48, 64, 3]}'
    assert read_caption(photo(exif=exif)) is None


def test_a_picture_with_a_long_text_is_sound() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", "x" * (3 << 20), zip=True)
    buffer = io.BytesIO()
    picture(1).save(buffer, "PNG", pnginfo=texts)
    assert read_facts(buffer.getvalue()).format == "PNG"


def test_no_image_is_an_error() -> None:
    for data in (b"", b"no image", b"\xff\xd8\xff"):
        with pytest.raises(DecodeError):
            read_caption(data)


@settings(max_examples=60)
@given(st.binary(max_size=80), st.binary(max_size=80), st.binary(max_size=80))
def test_damaged_metadata_fails_no_photo(comment: bytes, iptc: bytes, xmp: bytes) -> None:
    exif = exif_with(USER_COMMENT, comment, in_details=True)
    exif[XP_COMMENT] = comment
    found = read_caption(photo(exif=exif, iptc=b"\x1c\x02\x78" + iptc, xmp=xmp))
    assert found is None or found == " ".join(found.split()) != ""
