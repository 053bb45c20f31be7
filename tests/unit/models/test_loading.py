import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

from photosearch import settings
from photosearch.core.errors import KnownError
from photosearch.models.catalog import read_info
from photosearch.models.config import read_config
from photosearch.models.lesson import LESSON, Lesson, Word, write_lesson
from photosearch.models.loading import choose_runtime, load_encoder
from photosearch.models.runtime import providers
from tests.helpers.exported_models import EXPORTED, copy_exported

TINY = EXPORTED / "tiny"


@pytest.mark.parametrize("torch", [True, False])
def test_a_processor_needs_no_torch(torch: bool) -> None:
    for device in (None, "cpu"):
        assert (
            choose_runtime(read_config(TINY), device, None, torch=torch, accelerator=False).runtime == "onnx"
        )
    assert (
        choose_runtime(read_config(TINY), "cpu", "float32", torch=torch, accelerator=True).runtime == "onnx"
    )


def test_an_accelerator_takes_torch_where_it_is() -> None:
    config = read_config(TINY)
    assert choose_runtime(config, None, None, torch=True, accelerator=True).runtime == "torch"
    without = choose_runtime(config, None, None, torch=False, accelerator=True)
    assert without.runtime == "onnx"
    assert without.why == "no torch"


@pytest.mark.parametrize(("device", "precision"), [("cuda", None), ("mps", "float16"), ("cpu", "bfloat16")])
def test_what_the_settings_ask_of_torch_is_done_or_refused(device: str, precision: str | None) -> None:
    config = read_config(TINY)
    assert choose_runtime(config, device, precision, torch=True, accelerator=False).runtime == "torch"
    with pytest.raises(KnownError, match="photosearch extras add gpu"):
        choose_runtime(config, device, precision, torch=False, accelerator=False)


def test_a_model_that_was_not_exported_takes_torch() -> None:
    config = msgspec.structs.replace(read_config(TINY), exports={})
    assert choose_runtime(config, None, None, torch=True, accelerator=False).runtime == "torch"
    with pytest.raises(KnownError, match="was not exported"):
        choose_runtime(config, None, None, torch=False, accelerator=False)


def test_each_reason_can_be_put_into_words() -> None:
    assert {"fastest", "chosen", "not exported", "no torch"} == settings.RUNTIME_REASONS.keys()
    assert load_encoder(read_info(TINY)).why in settings.RUNTIME_REASONS


def test_the_processor_is_taken_where_it_was_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "devices", lambda: ["directml"])
    monkeypatch.setattr(providers, "measured_once", lambda *_: pytest.fail("measured all the same"))
    assert "directml" not in load_encoder(read_info(TINY), device="cpu").runtime


def test_a_lesson_in_the_folder_is_honoured(tmp_path: Path) -> None:
    info = read_info(copy_exported(tmp_path / "taught"))
    write_lesson(info.path / LESSON, Lesson(info.model_id, words=(Word("Rusty", "a cat"),)))
    taught, plain = load_encoder(info).encoder, load_encoder(read_info(TINY)).encoder
    for texts in (["Rusty on a sofa"], ["Rusty on a sofa", "two dogs"] * 40):
        read = [text.replace("Rusty", "a cat") for text in texts]
        np.testing.assert_allclose(taught.encode_texts(texts), plain.encode_texts(read), atol=1e-6)
    untaught = load_encoder(info, taught=False).encoder
    np.testing.assert_array_equal(untaught.encode_texts(["Rusty"]), plain.encode_texts(["Rusty"]))
    write_lesson(info.path / LESSON, Lesson("0" * 16))
    with pytest.raises(KnownError, match="another model"):
        load_encoder(info)


def test_to_load_imports_no_torch() -> None:
    script = f"""
import sys
from pathlib import Path
from photosearch.models.catalog import read_info
from photosearch.models.loading import load_encoder
load_encoder(read_info(Path({str(TINY)!r}))).encoder.encode_texts(["a cat"])
assert not {{"torch", "timm", "transformers"}} & sys.modules.keys()
"""
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)
