import pytest

from photosearch.core.errors import KnownError
from tests.helpers.tiny_hub import make_hub_whole
from trainer.models.pretrained.whole_network import whole_base


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("config.json", "holds no model: it has no config.json"),
        ("model.safetensors", "no weights as safetensors"),
        ("tokenizer.json", "has no vocabulary"),
        ("preprocessor_config.json", "does not say how its images are prepared"),
    ],
)
def test_a_missing_file_is_a_known_error(tmp_path, name: str, sentence: str):
    folder = make_hub_whole(tmp_path / "clip")
    (folder / name).unlink()
    with pytest.raises(KnownError, match=sentence):
        whole_base(str(folder), pretrained=True)
