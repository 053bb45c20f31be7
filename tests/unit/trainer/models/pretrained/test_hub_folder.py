import json
import socket
from pathlib import Path

import huggingface_hub
import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import load_file, save_file

from photosearch.core.errors import KnownError
from tests.helpers.tiny_hub import make_hub_text, make_hub_whole
from trainer.models.build import Towers, Whole, build, load_any
from trainer.models.pretrained.hub_card import languages_of, licence_of
from trainer.models.pretrained.hub_download import folder_of
from trainer.models.pretrained.hub_folder import (
    load_transformers,
    read_transformers_config,
)


@pytest.fixture
def no_hub(tmp_path, monkeypatch) -> None:
    """A hub at an address where nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{port}")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    huggingface_hub.close_session()


def test_a_folder_is_itself(tmp_path):
    assert folder_of(str(tmp_path)) == tmp_path


@pytest.mark.usefixtures("no_hub")
@pytest.mark.parametrize("offline", [False, True])
def test_a_hub_out_of_reach_is_one_sentence_that_names_the_mirror_setting(monkeypatch, offline: bool):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", offline)
    for make in (
        lambda: build(Whole(source="openai/clip-vit-base-patch32"), 0),
        lambda: build(Towers(image="timm:test_resnet", text="distilbert-base-uncased"), 0),
        lambda: load_any("openai/clip-vit-base-patch32@refs/pr/15"),
    ):
        with pytest.raises(
            KnownError, match=r"cannot be reached .* name a mirror in the settings or in HF_ENDPOINT"
        ):
            make()


def test_what_is_no_folder_and_no_id_is_a_known_error():
    with pytest.raises(KnownError, match="neither a folder nor the id"):
        folder_of("no/such/folder/at all")


def test_pickled_weights_are_never_loaded(tmp_path):
    folder = make_hub_text(tmp_path / "text")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(KnownError, match="pickles are never loaded"):
        load_transformers(folder, "someone/something")


def test_weights_that_lack_a_layer_are_a_known_error(tmp_path):
    folder = make_hub_text(tmp_path / "text")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "n_layers": 4}))
    with pytest.raises(KnownError, match=r"lack transformer\.layer\.3\..* and \d+ more"):
        load_transformers(folder, "someone/something")


@pytest.mark.parametrize("part", ["text_config", "vision_config"])
def test_weights_of_more_layers_than_the_config_says_are_refused(tmp_path: Path, part: str) -> None:
    folder = make_hub_whole(tmp_path / "clip")
    config = json.loads((folder / "config.json").read_text())
    config[part]["num_hidden_layers"] = 1
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(KnownError, match=r"^The weights of a model do not fit its config\.$"):
        load_transformers(folder, "a model")


def test_a_network_that_is_far_larger_than_its_weights_is_not_built(tmp_path: Path) -> None:
    folder = make_hub_whole(tmp_path / "clip")
    config = json.loads((folder / "config.json").read_text())
    config["text_config"] |= {"num_hidden_layers": 500, "hidden_size": 65_536, "intermediate_size": 65_536}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(KnownError, match="config of a model asks for a far larger network than its weights"):
        load_transformers(folder, "a model")


def test_weights_of_other_shapes_than_the_config_says_are_refused_in_our_words(tmp_path: Path) -> None:
    folder = make_hub_text(tmp_path / "text")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "vocab_size": 301}))
    with pytest.raises(KnownError, match=r"^The weights of a model do not fit its config\.$"):
        load_transformers(folder, "a model")


def test_heads_for_other_tasks_and_positions_of_old_files_are_left_out(tmp_path: Path) -> None:
    folder = make_hub_text(tmp_path / "text", "bert")
    weights = load_file(folder / "model.safetensors")
    more = {"embeddings.position_ids": torch.arange(66), "cls.predictions.bias": torch.zeros(300)}
    save_file({**weights, **more}, folder / "model.safetensors", {"format": "pt"})
    load_transformers(folder, "a model")


def test_a_model_that_brings_its_own_code_is_refused(tmp_path):
    remote = {"model_type": "strange", "auto_map": {"AutoConfig": "code.Config", "AutoModel": "code.Model"}}
    (tmp_path / "config.json").write_text(json.dumps(remote))
    (tmp_path / "code.py").write_text("raise SystemExit('this must never run')")
    with pytest.raises(
        KnownError,
        match=r"^someone/something brings code of its own, which is never run; \S+ another model\.$",
    ):
        read_transformers_config(tmp_path, "someone/something")


def test_a_model_is_the_same_in_any_folder(tmp_path):
    found = [read_transformers_config(make_hub_text(tmp_path / name), name) for name in ("here", "there")]
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("readme", "licence", "found"),
    [
        ("---\nlicense: apache-2.0\n---\n", None, "apache-2.0"),
        ('---\r\nlicense:\r\n- "cc-by-nc-4.0"\r\n---\r\n', None, "cc-by-nc-4.0"),
        ("---\nlicense: other\nlicense_name: apple-amlr\nlicense_link: LICENSE\n---\n", None, "apple-amlr"),
        ("# A model\nlicense: apache-2.0\n", "\n  MIT License\n\nCopyright", "MIT License"),
        (None, "x" * 1000, "x" * 80),
        ("---\nlanguage: en\n---\n", None, ""),
        (None, None, ""),
    ],
)
def test_a_licence_is_read_where_hub_folders_name_it(
    readme: str | None, licence: str | None, found: str, tmp_path
) -> None:
    for name, text in (("README.md", readme), ("LICENSE", licence)):
        if text is not None:
            (tmp_path / name).write_text(text, newline="")
    assert licence_of(tmp_path) == found


@pytest.mark.parametrize(
    ("readme", "family", "pieces", "found"),
    [
        ("---\nlanguage: en\n---\n", "siglip", 32_000, ("en",)),
        ("---\nlanguage:\n- en\n- zh-Hant\nlicense: mit\n---\n", "siglip", 32_000, ("en", "zh-Hant")),
        ("---\nlanguage: [de, fr]\n---\n", "clip", 49_408, ("de", "fr")),
        ("---\nlanguage: multilingual\n---\n", "siglip", 32_000, ()),
        ("language: en", "siglip", 32_000, ()),
        ("", "clip", 49_408, ("en",)),
        ("", "clip", 250_002, ()),
        ("", "chinese_clip", 21_128, ("zh",)),
    ],
)
def test_languages_are_those_that_the_readme_or_the_vocabulary_says(
    readme: str, family: str, pieces: int, found: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "README.md").write_text(readme)
    config = {"model_type": family, "text_config": {"vocab_size": pieces}}
    assert languages_of(tmp_path, config) == found
