import json
from pathlib import Path

import pytest
import tokenizers

from photosearch.core.errors import KnownError
from photosearch.models.tokenizer import Tokenizer
from tests.helpers.tiny_config import SENTENCES
from tests.helpers.tiny_hub import make_hub_whole, word_pieces
from trainer.models.pretrained.hub_tokenizer import tokenizer_bytes


def ids(data: bytes) -> list[list[int]]:
    return Tokenizer(data, max_tokens=64)([*SENTENCES, "zebra, naïve!"]).ids.tolist()


def test_a_word_list_alone_makes_the_same_tokenizer(tmp_path):
    word_pieces(tmp_path, "BertTokenizer")
    whole = ids(tokenizer_bytes(tmp_path, "x"))
    vocabulary = json.loads((tmp_path / "tokenizer.json").read_text())["model"]["vocab"]
    (tmp_path / "tokenizer.json").unlink()
    (tmp_path / "vocab.txt").write_text("\n".join(sorted(vocabulary, key=vocabulary.get)))
    assert ids(tokenizer_bytes(tmp_path, "x")) == whole


def test_padding_is_the_models_own_token(tmp_path):
    folder = make_hub_whole(tmp_path / "clip")
    padding = tokenizers.Tokenizer.from_str(tokenizer_bytes(folder, "x").decode()).padding
    assert (padding["pad_token"], padding["pad_id"]) == ("<|endoftext|>", 1)


def test_a_tokenizer_of_a_kind_that_wants_another_package_is_read_from_its_file(tmp_path):
    folder: Path = make_hub_whole(tmp_path / "siglip", "siglip")
    expected = ids(tokenizer_bytes(folder, "x"))
    described = json.loads((folder / "tokenizer_config.json").read_text())
    (folder / "tokenizer_config.json").write_text(
        json.dumps({**described, "tokenizer_class": "SiglipTokenizer"})
    )
    assert ids(tokenizer_bytes(folder, "x")) == expected


def test_siglips_texts_are_read_in_lower_case_and_padded_at_the_right(tmp_path):
    folder = make_hub_whole(tmp_path / "siglip", "siglip, gemma")
    data = tokenizer_bytes(folder, "x", lowered=True, side="right")
    tokenizer = Tokenizer(data, max_tokens=64, fixed_length=True)
    texts = ["A Cat", "a cat", "children " * 40]
    (capitals, small, long), _, truncated = tokenizer(texts)
    assert capitals.tolist() == small.tolist()
    assert (small[-1], long[-1], truncated) == (0, 1, 1)  # padding; the end, which is never cut off
    plain = tokenizers.Tokenizer.from_str(tokenizer_bytes(folder, "x").decode())
    assert plain.padding["direction"] == "left" and plain.encode("A").ids != plain.encode("a").ids
    assert tokenizer_bytes(folder, "x", lowered=True, side="right") == data


def test_what_reads_in_lower_case_already_is_left_as_it_is(tmp_path):
    folder = make_hub_whole(tmp_path / "siglip", "siglip")
    assert tokenizer_bytes(folder, "x", lowered=True) == tokenizer_bytes(folder, "x")


def test_a_tokenizer_that_brings_its_own_code_is_never_run(tmp_path):
    word_pieces(tmp_path, "Strange")
    described = json.loads((tmp_path / "tokenizer_config.json").read_text())
    described["auto_map"] = {"AutoTokenizer": ["code.Strange", None]}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(described))
    (tmp_path / "code.py").write_text("raise SystemExit('this must never run')")
    assert ids(tokenizer_bytes(tmp_path, "x"))


def test_a_folder_without_a_vocabulary_is_a_known_error(tmp_path):
    word_pieces(tmp_path, "BertTokenizer")
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(KnownError, match="has no vocabulary"):
        tokenizer_bytes(tmp_path, "someone/something")


@pytest.mark.parametrize("damaged", ["{}", "[]", "{", '{"model": {"type": "Strange"}, "added_tokens": []}'])
def test_a_tokenizer_file_that_holds_none_is_a_known_error(tmp_path: Path, damaged: str) -> None:
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_text(damaged)
    with pytest.raises(KnownError, match=r"^The tokenizer\.json of someone/something makes no tokenizer\.$"):
        tokenizer_bytes(tmp_path, "someone/something")
