import msgspec
import pytest
import torch
from transformers import BertConfig, BertModel

from photosearch.core.encoder import Preprocessing
from photosearch.core.errors import KnownError
from photosearch.models.config import ImageTowerConfig, TextTowerConfig
from photosearch.models.torch.towers import ImageTower, TextTower
from tests.helpers.tiny_config import tiny_config

PREPROCESSING = Preprocessing(64, "crop", "bilinear", (120.0, 115.0, 100.0), (60.0, 59.0, 58.0))


@torch.inference_mode()
@pytest.mark.parametrize("architecture", ["test_efficientnet", "test_resnet", "test_vit", "test_convnext"])
def test_any_timm_network_gives_pooled_features_of_pixels_normalised_per_channel(architecture: str):
    dims = {"test_efficientnet": 256, "test_resnet": 96, "test_vit": 64, "test_convnext": 64}
    tower = ImageTower(ImageTowerConfig(architecture, dims[architecture], classes=5), PREPROCESSING).eval()
    images = torch.randint(0, 256, (2, 64, 64, 3), dtype=torch.uint8)
    features = tower(images)
    assert features.shape == (2, dims[architecture])

    pixels = images.double().permute(0, 3, 1, 2)
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (PREPROCESSING.mean, PREPROCESSING.std))
    whole = tower.network(((pixels - mean) / std).float())
    torch.testing.assert_close(tower.logits(features), whole, atol=1e-5, rtol=1e-4)


def test_a_network_that_timm_does_not_have_never_goes_online():
    for name in ("hf-hub:someone/something", "no_such_network"):
        with pytest.raises(KnownError, match="timm does not know"):
            ImageTower(ImageTowerConfig(name, 8), PREPROCESSING)


@torch.inference_mode()
def test_text_features_are_the_normed_mean_over_real_tokens():
    config = tiny_config().text_tower
    tower = TextTower(config).eval()
    plain = {k: v for k, v in config.transformers.items() if k != "model_type"}
    bert = BertModel(BertConfig(**plain), add_pooling_layer=False).eval()
    bert.load_state_dict(tower.network.state_dict())
    ids = torch.tensor([[2, 9, 10, 3, 0, 0]])
    mask = torch.tensor([[1, 1, 1, 1, 0, 0]])
    mean = bert(ids[:, :4]).last_hidden_state.mean(dim=1)
    torch.testing.assert_close(tower(ids, mask), mean / mean.norm(), atol=1e-5, rtol=1e-4)


def test_a_text_network_that_transformers_does_not_have_is_a_known_error():
    for values in ({"model_type": "no_such"}, {}):
        with pytest.raises(KnownError, match="transformers does not know"):
            TextTower(TextTowerConfig(values, 8))


def test_a_config_cannot_bring_code_or_attention_kernels():
    values = {
        **tiny_config().text_tower.transformers,
        "auto_map": {"AutoModel": "someone/something--modeling.Model"},
        "attn_implementation": "someone/kernel",
        "_attn_implementation": "someone/kernel",
    }
    tower = TextTower(TextTowerConfig(values, 32))
    assert type(tower.network) is BertModel


@torch.inference_mode()
def test_the_first_token_can_stand_for_the_text_unnormed():
    config = msgspec.structs.replace(tiny_config().text_tower, pooling="cls", normed=False)
    tower = TextTower(config).eval()
    ids, mask = torch.tensor([[2, 9, 10, 3, 0, 0]]), torch.tensor([[1, 1, 1, 1, 0, 0]])
    hidden = tower.network(input_ids=ids[:, :4]).last_hidden_state
    torch.testing.assert_close(tower(ids, mask), hidden[:, 0], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(tower.tokens(ids, mask)[:, :4], hidden, atol=1e-5, rtol=1e-4)


@torch.inference_mode()
@pytest.mark.parametrize(
    ("architecture", "dim"), [("test_resnet", 96), ("test_vit", 64), ("test_convnext", 64)]
)
def test_places_of_a_photo_have_features_of_the_towers_length(architecture: str, dim: int):
    tower = ImageTower(ImageTowerConfig(architecture, dim), PREPROCESSING).eval()
    images = torch.randint(0, 256, (2, 64, 64, 3), dtype=torch.uint8)
    places = tower.tokens(images)
    assert places.shape[0] == 2 and places.shape[1] > 1 and places.shape[2] == dim
    if architecture == "test_resnet":  # which pools by the mean
        torch.testing.assert_close(places.mean(dim=1), tower(images), atol=1e-5, rtol=1e-4)


def test_a_network_that_pools_something_else_says_that_it_has_no_places():
    tower = ImageTower(ImageTowerConfig("mobilenetv3_small_050", 1024), PREPROCESSING).eval()
    with pytest.raises(KnownError, match="take out the fine_grained loss"):
        tower.tokens(torch.zeros(1, 64, 64, 3, dtype=torch.uint8))


@torch.inference_mode()
@pytest.mark.parametrize("features", ["pooled", "logits"])
def test_in_half_precision_only_a_classifier_of_pooled_features_stays_whole(features: str):
    dim = {"pooled": 96, "logits": 10}[features]
    tower = ImageTower(ImageTowerConfig("test_resnet", dim, 10, features), PREPROCESSING).eval()
    images = torch.randint(0, 256, (2, 64, 64, 3), dtype=torch.uint8)
    expected = tower(images)
    tower.run_in(torch.bfloat16)
    found = tower(images)
    assert found.dtype == torch.bfloat16 and found.shape == (2, dim)
    assert torch.nn.functional.cosine_similarity(found.float(), expected).min() > 0.99
    whole = tower.classifier.weight.dtype == torch.float32
    assert whole == (features == "pooled")
