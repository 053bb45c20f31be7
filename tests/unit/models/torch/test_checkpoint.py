import shutil
from pathlib import Path

import msgspec
import pytest
import safetensors.torch
import torch

from photosearch.core.errors import KnownError
from photosearch.models.config import CONFIG, TOKENIZER, WEIGHTS, ModelConfig, file_hash, read_config
from photosearch.models.torch import checkpoint
from tests.helpers.tiny_config import make_tiny_tokenizer, tiny_config
from tests.helpers.tiny_model import make_tiny_checkpoint, tiny_model

IMAGES = torch.randint(0, 256, (2, 64, 64, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
IDS, MASK = torch.tensor([[2, 10, 11, 3]]), torch.ones(1, 4, dtype=torch.int64)


def rewrite(folder: Path, **values: object) -> None:
    config = msgspec.structs.replace(read_config(folder), **values)
    (folder / CONFIG).write_bytes(msgspec.json.encode(config))


@torch.inference_mode()
def test_a_loaded_model_gives_the_vectors_of_the_saved_one(tmp_path):
    model, config = tiny_model(tiny_config()), tiny_config()
    saved = checkpoint.save(tmp_path / "m", model, config, make_tiny_tokenizer(tmp_path / "t.json"))
    loaded, config, tokenizer = checkpoint.load(tmp_path / "m")
    assert config == saved
    assert not loaded.training
    images = loaded.encode_image(IMAGES)
    torch.testing.assert_close(images, model.encode_image(IMAGES), atol=2e-3, rtol=0)
    torch.testing.assert_close(loaded.encode_text(IDS, MASK), model.encode_text(IDS, MASK), atol=2e-3, rtol=0)
    torch.testing.assert_close(loaded.image_bias(images), model.image_bias(images), atol=2e-3, rtol=0)
    assert tokenizer.max_tokens == config.max_tokens
    assert tokenizer(["a cat"]).mask.all()


@torch.inference_mode()
def test_a_second_save_of_what_was_loaded_is_byte_identical(tmp_path, tiny):
    model, config, _ = checkpoint.load(tiny)
    checkpoint.save(tmp_path / "again", model, config, tiny / TOKENIZER)
    for name in (WEIGHTS, TOKENIZER, CONFIG):
        assert (tmp_path / "again" / name).read_bytes() == (tiny / name).read_bytes()


def test_only_matrices_are_float16(tiny):
    # A variance may leave float16's range, and vectors cost little.
    for tensor in safetensors.torch.load_file(tiny / WEIGHTS).values():
        if tensor.is_floating_point():
            assert tensor.dtype == (torch.float16 if tensor.ndim > 1 else torch.float32)


def test_other_weights_are_another_model(tmp_path):
    ids = {read_config(make_tiny_checkpoint(tmp_path / str(seed), seed=seed)).model_id for seed in (0, 1)}
    assert len(ids) == 2
    again = make_tiny_checkpoint(tmp_path / "again", name="another name", seed=0)
    assert read_config(again).model_id in ids


def test_saving_replaces_a_checkpoint_and_leaves_nothing_beside_it(tmp_path):
    folder = tmp_path / "models" / "m"
    make_tiny_checkpoint(folder, seed=0)
    (folder / "stale.txt").write_text("from an older checkpoint")
    make_tiny_checkpoint(folder, name="second", seed=1)
    assert checkpoint.load(folder)[1].name == "second"
    assert sorted(path.name for path in folder.iterdir()) == sorted([WEIGHTS, TOKENIZER, CONFIG])
    assert list(folder.parent.iterdir()) == [folder]


def test_a_failed_save_leaves_the_old_checkpoint(tmp_path, tiny):
    before = read_config(tiny)
    with pytest.raises(FileNotFoundError):
        checkpoint.save(tiny, tiny_model(tiny_config(), seed=5), tiny_config(), tmp_path / "no-tokenizer")
    assert checkpoint.load(tiny)[1] == before


def test_a_missing_folder_is_a_known_error(tmp_path):
    with pytest.raises(KnownError, match="no model folder"):
        checkpoint.load(tmp_path / "nothing")


@pytest.mark.parametrize("name", [WEIGHTS, TOKENIZER, CONFIG])
def test_a_missing_file_is_a_known_error(tiny, name: str):
    (tiny / name).unlink()
    with pytest.raises(KnownError, match=f"lacks its file {name}"):
        checkpoint.load(tiny)


@pytest.mark.parametrize("name", [WEIGHTS, TOKENIZER])
@pytest.mark.parametrize("damage", ["a bit", "its end", "everything"])
def test_an_altered_file_is_a_known_error(tiny, name: str, damage: str):
    data = bytearray((tiny / name).read_bytes())
    if damage == "a bit":
        data[len(data) // 2] ^= 1
    (tiny / name).write_bytes(data if damage == "a bit" else data[:-1] if damage == "its end" else b"")
    with pytest.raises(KnownError, match="altered"):
        checkpoint.load(tiny)


def test_a_folder_in_the_place_of_a_file_is_a_known_error(tiny):
    (tiny / WEIGHTS).unlink()
    (tiny / WEIGHTS).mkdir()
    with pytest.raises(KnownError, match="cannot be read"):
        checkpoint.load(tiny)


def test_a_file_without_a_hash_in_the_config_is_a_known_error(tiny):
    rewrite(tiny, hashes={})
    with pytest.raises(KnownError, match="altered"):
        checkpoint.load(tiny)


def test_a_newer_format_is_a_known_error(tiny):
    rewrite(tiny, format=99)
    with pytest.raises(KnownError, match="newer PhotoSearch"):
        checkpoint.load(tiny)


def test_weights_that_do_not_fit_the_config_are_a_known_error(tiny):
    head = msgspec.structs.replace(read_config(tiny).image_head, hidden=33)
    rewrite(tiny, image_head=head)
    with pytest.raises(KnownError, match=r"do not fit their config: image_head\.mlp"):
        checkpoint.load(tiny)


@pytest.mark.parametrize("values", [{"num_attention_heads": 5}, {"hidden_act": "x"}])
def test_a_network_that_cannot_be_built_is_a_known_error(tiny, values: dict[str, object]):
    tower = read_config(tiny).text_tower
    rewrite(tiny, text_tower=msgspec.structs.replace(tower, transformers={**tower.transformers, **values}))
    with pytest.raises(KnownError, match="network that cannot be built"):
        checkpoint.load(tiny)


@pytest.mark.parametrize("values", [{"num_hidden_layers": 512}, {"vocab_size": 2_000_000}])
def test_a_network_that_is_far_larger_than_its_weights_is_not_built(tiny, values: dict[str, int]):
    tower = read_config(tiny).text_tower
    rewrite(tiny, text_tower=msgspec.structs.replace(tower, transformers={**tower.transformers, **values}))
    with pytest.raises(KnownError, match="asks for a far larger network than its weights are of"):
        checkpoint.load(tiny)


@pytest.mark.parametrize(
    "values", [{"model_type": "gemma3_text", "num_hidden_layers": 10**9}, {"hidden_size": "many"}]
)
def test_numbers_that_no_network_has_are_refused_before_any_of_it_is_made(tiny, values: dict[str, object]):
    tower = read_config(tiny).text_tower
    rewrite(tiny, text_tower=msgspec.structs.replace(tower, transformers={**tower.transformers, **values}))
    with pytest.raises(KnownError, match=r"in its config\.json, where no model has other than"):
        checkpoint.load(tiny)


def test_a_pickle_named_safetensors_is_refused_and_never_run(tiny, tmp_path):
    torch.save({"x": torch.zeros(1)}, tmp_path / "pickle")
    data = (tmp_path / "pickle").read_bytes()
    (tiny / WEIGHTS).write_bytes(data)
    rewrite(tiny, hashes={**read_config(tiny).hashes, WEIGHTS: file_hash(data)})
    with pytest.raises(KnownError, match="cannot be read"):
        checkpoint.load(tiny)


def test_a_checkpoint_can_be_moved(tmp_path, tiny):
    shutil.move(tiny, tmp_path / "elsewhere, naïve ☃")
    assert isinstance(checkpoint.load(tmp_path / "elsewhere, naïve ☃")[1], ModelConfig)
