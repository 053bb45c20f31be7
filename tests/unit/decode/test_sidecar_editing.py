import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.core.photo import Told
from photosearch.decode.frames import Edit
from photosearch.decode.sidecar import read
from photosearch.decode.sidecar_editing import EMPTY, edited

LIGHTROOM = """\ufeff<?xml version="1.0" encoding="UTF-16"?>
<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<!-- by hand -->
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 7.0">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
    xmlns:dc="urn:somebody-else" dc:mine="kept" xmp:Rating="2" crs:Exposure2012="+0.35">
   <crs:ToneCurve><rdf:Seq><rdf:li>0, 0</rdf:li><rdf:li>255, 255</rdf:li></rdf:Seq></crs:ToneCurve>
  </rdf:Description>
  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
   <dc:subject><rdf:Bag><rdf:li>lake</rdf:li></rdf:Bag></dc:subject>
   <dc:description><rdf:Alt><rdf:li xml:lang="de">Am See</rdf:li>
    <rdf:li xml:lang="x-default">Old</rdf:li></rdf:Alt></dc:description>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


def test_a_new_packet_says_what_it_is_told():
    packet = edited(EMPTY, Edit(caption="Two <dogs> & “friends”", rating=5))
    assert packet is not None
    assert read(packet) == Told(caption="Two <dogs> & “friends”", rating=5)
    assert edited(packet, Edit(caption=None, rating=None)) is not None
    assert read(edited(packet, Edit(caption=None, rating=None)) or b"") == Told()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8"])
def test_all_else_stays(encoding):
    text = LIGHTROOM if encoding == "utf-16" else LIGHTROOM.replace("UTF-16", "UTF-8")
    packet = edited(text.lstrip("\ufeff").encode(encoding), Edit(caption="New", rating=4))
    assert packet is not None
    assert read(packet) == Told(caption="New", rating=4, keywords=("lake",))
    written = packet.decode()
    for kept in (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>',
        "<!-- by hand -->",
        'crs:Exposure2012="+0.35"',
        "<crs:ToneCurve><rdf:Seq><rdf:li>0, 0</rdf:li><rdf:li>255, 255</rdf:li></rdf:Seq></crs:ToneCurve>",
        'dc:mine="kept"',
        "Am See",
        '<?xpacket end="w"?>',
    ):
        assert kept in written
    back = edited(packet, Edit(caption="Old", rating=2))
    assert back is not None and _plain(back) == _plain(
        LIGHTROOM.lstrip("\ufeff").replace("UTF-16", "UTF-8").encode()
    )


def test_a_caption_goes_and_those_in_other_languages_stay():
    packet = edited(LIGHTROOM.lstrip("\ufeff").replace("UTF-16", "UTF-8").encode(), Edit(caption=None))
    assert packet is not None and b"Am See" in packet and b"Old" not in packet
    assert read(packet).rating == 2


@pytest.mark.parametrize(
    "form",
    [
        '<rdf:Description xmlns:dc="{dc}" dc:description="Old"/>',
        '<rdf:Description xmlns:dc="{dc}"><dc:description>Old</dc:description></rdf:Description>',
        '<rdf:Description xmlns:d="{dc}"><d:description><rdf:Alt><rdf:li xml:lang="en">Old</rdf:li></rdf:Alt>'
        "</d:description></rdf:Description>",
    ],
    ids=["attribute", "text", "another language"],
)
def test_a_caption_in_another_form_is_replaced(form):
    description = form.format(dc="http://purl.org/dc/elements/1.1/")
    rdf = f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">{description}</rdf:RDF>'
    packet = edited(rdf.encode(), Edit(caption="New"))
    assert packet is not None and read(packet).caption == "New"


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"no xml",
        b"<a/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]>' + EMPTY,
        EMPTY[:150],
        EMPTY + b" " * (1 << 20) + b"<!-- -->",
    ],
    ids=range(6),
)
def test_what_is_damaged_or_too_large_is_left_alone(packet):
    assert edited(packet, Edit(caption="New")) is None


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"], include_characters="\n"), max_size=50)
)
def test_any_caption_comes_back_as_reading_has_it(text):
    packet = edited(EMPTY, Edit(caption=text))
    assert packet is not None
    ET.fromstring(packet.decode())
    again = edited(packet, Edit(rating=1))
    assert again is not None and read(again).caption == read(packet).caption


def _plain(packet: bytes) -> str:
    """A packet whose attributes stand in one order."""
    text = packet.decode()
    return ET.canonicalize(
        text[text.index("<x:xmpmeta") : text.rindex(">") + 1].partition("<?xpacket end")[0]
    )


PACKET = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:q="q" {}</rdf:Description></rdf:RDF></x:xmpmeta>"""


def test_line_breaks_that_are_written_as_references_stay():
    packet = PACKET.format('q:steps="1&#10;2&#9;3&#13;4"><q:text>5&#13;&#10;6</q:text>').encode()
    written = edited(packet, Edit(caption="Mine"))
    assert written is not None
    (description,) = ET.fromstring(written)[0]
    assert description.get("{q}steps") == "1\n2\t3\r4"
    assert description.findtext("{q}text") == "5\r\n6"


@pytest.mark.parametrize("declared", ["", '<?xml version="1.0" encoding="ISO-8859-1"?>'])
def test_letters_of_another_encoding_are_not_lost(declared):
    packet = (declared + PACKET.format('q:place="Orléans">')).encode("latin-1")
    assert edited(packet, Edit(caption="Mine")) is None


def test_what_is_nested_beyond_measure_is_not_edited():
    deep = "<q:a>" * 20_000 + "</q:a>" * 20_000
    assert edited(PACKET.format(">" + deep).encode(), Edit(caption="Mine")) is None


@pytest.mark.parametrize("caption", ["👨\u200d👩\u200d👧", "می\u200cخواهم", "東京\u3000駅", "5\u00a0km"])
def test_a_caption_of_any_script_is_written_as_it_is(caption):
    written = edited(EMPTY, Edit(caption=caption))
    assert written is not None and caption in written.decode()
