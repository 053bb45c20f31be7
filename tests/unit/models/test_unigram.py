"""The library's own Unigram is what ours is held to."""

import json

import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import models, normalizers, pre_tokenizers, processors

from photosearch.core.errors import KnownError
from photosearch.models.tokenizer import Tokenizer
from photosearch.models.unigram import UnigramTokenizer

MOST = 12
# With ways of equal score (ab, a b), pieces inside others, and one that is worse than those in it.
PIECES = [
    ("<s>", 0.0),
    ("<pad>", 0.0),
    ("</s>", 0.0),
    ("<unk>", 0.0),
    ("▁", -2.0),
    ("a", -1.0),
    ("b", -1.0),
    ("ab", -2.0),
    ("▁ab", -3.5),
    ("ba", -1.5),
    ("aba", -3.25),
    ("bbbb", -9.0),
    ("犬", -4.0),
    ("▁犬", -5.0),
    ("é", -3.0),
]


def library(**template: object) -> tokenizers.Tokenizer:
    made = tokenizers.Tokenizer(models.Unigram(PIECES, 3, False))
    made.normalizer = normalizers.NFKC()
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)], **template
    )
    return made


@pytest.fixture(scope="module")
def data() -> bytes:
    return library().to_str().encode()


@given(st.lists(st.one_of(st.text("ab <s>é犬z▁", max_size=40), st.text(max_size=20)), max_size=4))
def test_every_text_gets_the_ids_of_the_library(data: bytes, texts: list[str]) -> None:
    assert UnigramTokenizer.read(data, MOST) is not None
    theirs = library()
    theirs.enable_truncation(MOST)
    theirs.enable_padding(pad_id=1, pad_token="<pad>")
    encoded = theirs.encode_batch([text.encode("utf-8", "replace").decode() for text in texts])
    ids, mask, truncated = Tokenizer(data, MOST)(texts)
    assert ids.tolist() == [row.ids for row in encoded]
    assert mask.tolist() == [row.attention_mask for row in encoded]
    assert truncated == sum(bool(row.overflowing) for row in encoded)


def test_unknown_characters_that_touch_are_one(data: bytes) -> None:
    assert Tokenizer(data, MOST)(["xyza"]).ids.tolist() == [[0, 4, 3, 5, 2]]


def test_words_of_its_own_are_left_to_the_library() -> None:
    other = library()
    other.add_special_tokens(["<mask>"])
    data = other.to_str().encode()
    assert UnigramTokenizer.read(data, MOST) is None
    assert Tokenizer(data, MOST)(["a<mask>b"]).ids.tolist() == [other.encode("a<mask>b").ids]


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("model", {"unk_id": len(PIECES)}),
        ("model", {"vocab": []}),
        ("normalizer", {"type": "Unheard"}),
    ],
)
def test_a_damaged_one_is_a_known_error(data: bytes, part: str, change: dict[str, object]) -> None:
    parts = json.loads(data)
    parts[part] |= change
    with pytest.raises(KnownError, match="tokenizer cannot be read"):
        Tokenizer(json.dumps(parts).encode(), MOST)
