import numpy as np
import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st

from photosearch.core.errors import KnownError
from photosearch.models.tokenizer import Tokenizer
from tests.helpers.tiny_config import make_tiny_tokenizer


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory) -> Tokenizer:
    path = make_tiny_tokenizer(tmp_path_factory.mktemp("tokenizer") / "tokenizer.json")
    return Tokenizer(path.read_bytes(), max_tokens=16)


def test_a_batch_is_padded_to_its_longest_with_the_pad_token_masked_out(tokenizer):
    ids, mask, truncated = tokenizer(["a cat", "two dogs run along a beach"])
    assert ids.shape == mask.shape
    assert ids.dtype == mask.dtype == np.int64
    assert mask[0].sum() < mask[1].sum() == ids.shape[1]
    assert (ids[mask == 0] == 0).all()
    assert truncated == 0


def test_padding_changes_no_tokens_of_a_text(tokenizer):
    alone = tokenizer(["a cat"])
    together = tokenizer(["a cat", "two dogs run along a beach"])
    assert together.ids[0][together.mask[0] == 1].tolist() == alone.ids[0].tolist()


def test_texts_that_lose_their_end_are_counted(tokenizer):
    ids, _, truncated = tokenizer(["a dog", "dogs run " * 30, "dogs run " * 40])
    assert ids.shape[1] == 16
    assert truncated == 2


@pytest.mark.parametrize("text", ["x" * 100_000, "dog " * 25_000, " " * 100_000 + "dog", "犬" * 100_000])
def test_a_huge_text_is_cut_and_counted(tokenizer, text: str):
    ids, _, truncated = tokenizer([text])
    assert ids.shape[1] <= 16
    assert truncated == 1


@pytest.mark.parametrize("text", ["", "   ", "\x00", "\udcff dog", "🐕‍🦺 \u202e", "a\nb\tc"])
def test_any_string_can_be_asked(tokenizer, text: str):
    ids, mask, _ = tokenizer([text])
    assert ids.shape[0] == 1
    assert mask.all()


@given(st.lists(st.text(st.characters()), max_size=4))
def test_any_texts_give_rows_within_the_limit(tokenizer, texts: list[str]):
    ids, mask, truncated = tokenizer(texts)
    assert ids.shape == mask.shape
    assert ids.shape[0] == len(texts)
    assert ids.shape[1] <= 16
    assert 0 <= truncated <= len(texts)


def test_no_texts_give_no_rows(tokenizer):
    assert tokenizer([]).ids.shape[0] == 0


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff\xff", b'{"version": "1.0"}'])
def test_what_is_no_tokenizer_is_a_known_error(data: bytes):
    with pytest.raises(KnownError, match="tokenizer cannot be read"):
        Tokenizer(data, max_tokens=16)


def test_a_fixed_length_pads_every_text_to_the_limit_and_masks_nothing(tokenizer):
    fixed = Tokenizer(tokenizer.data, max_tokens=16, fixed_length=True)
    texts = ["a cat", "two dogs run along a beach", "dogs run " * 30]
    ids, mask, truncated = fixed(texts)
    assert ids.shape == (3, 16) and truncated == 1
    assert mask.all()
    plain = tokenizer(texts)
    assert (ids[plain.mask == 1] == plain.ids[plain.mask == 1]).all()
    assert (ids[plain.mask == 0] == 0).all()


def test_padding_stands_on_the_side_that_the_tokenizer_says(tokenizer):
    left = tokenizers.Tokenizer.from_str(tokenizer.data.decode())
    left.enable_padding(direction="left", pad_id=0, pad_token="[PAD]", length=128)
    ids, mask, _ = Tokenizer(left.to_str().encode(), max_tokens=16)(["a cat", "two dogs run along a beach"])
    assert ids.shape[1] < 16
    assert mask[0].tolist() == sorted(mask[0].tolist()) and not mask[0].all()
