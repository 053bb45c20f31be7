import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from tests.helpers.batches import assert_same, random_batch, whole
from trainer.losses import fine_grained
from trainer.losses.batch import Batch
from trainer.losses.fine_grained import FineGrained, late_interaction
from trainer.losses.infonce import InfoNCE


def plain_similarities(batch: Batch) -> tuple[Tensor, Tensor]:
    """Each image with each text and each text with each image, one token at a time."""
    assert batch.image_tokens is not None
    assert batch.text_tokens is not None
    assert batch.text_mask is not None
    patches = list(batch.image_tokens)
    words = [text[mask > 0] for text, mask in zip(batch.text_tokens, batch.text_mask, strict=True)]

    def one(own: Tensor, other: Tensor) -> Tensor:
        return torch.stack([torch.stack([token @ match for match in other]).max() for token in own]).mean()

    by_image = torch.stack([torch.stack([one(image, text) for text in words]) for image in patches])
    by_text = torch.stack([torch.stack([one(text, image) for image in patches]) for text in words])
    return by_image, by_text


@pytest.mark.parametrize("block", [1, 100, 2**24])
def test_equals_the_formula_as_written(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fine_grained, "BLOCK", block)
    batch, targets = random_batch(range(5)), torch.arange(5)
    ways = [F.cross_entropy(batch.scale * way, targets) for way in plain_similarities(batch)]
    assert_same(whole(FineGrained(), batch), (ways[0] + ways[1]) / 2, batch)


def test_has_several_positives_as_infonce_has() -> None:
    """With one token each it is InfoNCE of the tokens."""
    batch = random_batch([0, 1, 0, 2, 1])
    assert batch.image_tokens is not None
    assert batch.text_tokens is not None
    tokens = Batch(
        batch.images,
        batch.texts,
        batch.scale,
        batch.image_ids,
        batch.text_ids,
        image_tokens=batch.images[:, None],
        text_tokens=batch.texts[:, None],
        text_mask=torch.ones(5, 1),
    )
    assert_same(whole(FineGrained(), tokens), whole(InfoNCE(), tokens), batch)


def test_padding_is_neither_averaged_nor_matched() -> None:
    generator = torch.Generator().manual_seed(0)
    images, texts = torch.randn(2, 3, 4, generator=generator), torch.randn(2, 5, 4, generator=generator)
    mask = torch.tensor([[1, 1, 0, 0, 0], [1, 1, 1, 0, 0]]) > 0
    all_patches = torch.ones(2, 3, dtype=torch.bool)
    noisy = texts.masked_fill(~mask[:, :, None], 1e6)
    for anchors, own, others, other_mask in (
        (images, all_patches, texts, mask),
        (texts, mask, images, all_patches),
    ):
        swap = {id(texts): noisy}
        torch.testing.assert_close(
            late_interaction(anchors, own, others, other_mask),
            late_interaction(swap.get(id(anchors), anchors), own, swap.get(id(others), others), other_mask),
        )
