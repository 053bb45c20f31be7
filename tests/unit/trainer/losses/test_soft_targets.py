from typing import Any

import msgspec
import pytest
import torch
from torch import Tensor

from tests.helpers.batches import assert_same, random_batch, value_and_gradients, whole
from trainer.losses.batch import Batch
from trainer.losses.soft_targets import SoftTargets


def plain_soft_targets(batch: Batch, targets: str, factor: Tensor | float, detach: bool) -> Tensor:
    """The formulas as they are written, one entry at a time."""
    count = len(batch)
    images, texts = batch.images, batch.texts

    def softmax_row(likeness: list[Tensor]) -> list[Tensor]:
        exps = [value.exp() for value in likeness]
        return [e / torch.stack(exps).sum() for e in exps]

    by_image = [[factor * (a @ b) for b in images] for a in images]
    by_text = [[factor * (a @ b) for b in texts] for a in texts]
    if targets == "averaged":
        both = [[(by_image[i][j] + by_text[i][j]) / 2 for j in range(count)] for i in range(count)]
        for_texts = [softmax_row(row) for row in both]
        for_images = [[for_texts[j][i] for j in range(count)] for i in range(count)]
    else:
        for_texts = [softmax_row(row) for row in by_image]
        for_images = [softmax_row(row) for row in by_text]

    costs = []
    for i in range(count):
        text_logits = [batch.scale * (texts[i] @ image) for image in images]
        image_logits = [batch.scale * (images[i] @ text) for text in texts]
        for logits, aims in ((text_logits, for_texts[i]), (image_logits, for_images[i])):
            for aim, share in zip(aims, softmax_row(logits), strict=True):
                costs.append(-(aim.detach() if detach else aim) * share.log())
    return torch.stack(costs).sum() / (2 * count)


@pytest.mark.parametrize("targets", ["averaged", "separated"])
@pytest.mark.parametrize("detach", [True, False])
@pytest.mark.parametrize("target_scale", ["scale", "temperature", 3.0])
def test_equals_the_formula_as_written(targets: str, detach: bool, target_scale: str | float) -> None:
    batch = random_batch(range(5))
    factors = {"scale": batch.scale, "temperature": 1 / batch.scale}
    loss = SoftTargets(targets=targets, detach=detach, target_scale=target_scale)
    expected = plain_soft_targets(batch, targets, factors.get(target_scale, target_scale), detach)
    assert_same(whole(loss, batch), expected, batch)


@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_is_the_original_with_its_settings(temperature: float) -> None:
    """Un-normed embeddings, logits divided by the temperature and targets multiplied by it."""
    batch = random_batch(range(6), normed=False, scale=1 / temperature)
    images, texts = batch.images, batch.texts
    log_shares = (texts @ images.T / temperature).log_softmax(dim=1)
    log_shares_of_images = (images @ texts.T / temperature).log_softmax(dim=1)
    targets = ((images @ images.T + texts @ texts.T) / 2 * temperature).softmax(dim=1)
    expected = -(targets * log_shares + targets.T * log_shares_of_images).sum(dim=1).mean() / 2

    ours = whole(SoftTargets(detach=False, target_scale="temperature"), batch)

    assert ours.item() == pytest.approx(expected.item())
    gradients = value_and_gradients(ours, batch)[1]
    expected_gradients = value_and_gradients(expected, batch)[1]
    for name in ("images", "texts"):
        torch.testing.assert_close(gradients[name], expected_gradients[name])


def test_targets_by_temperature_prefer_collapse_to_perfect_retrieval() -> None:
    """At the usual kappa they are almost uniform; at kappa = 1, where they come from, nobody could see it."""
    ids, scale = torch.arange(6), torch.tensor(1 / 0.07)
    perfect, collapsed = torch.eye(6), torch.eye(6)[:1].expand(6, 6)
    for target_scale, prefers_collapse in (("temperature", True), ("scale", False)):
        loss = SoftTargets(target_scale=target_scale)
        separate, alike = (whole(loss, Batch(at, at, scale, ids, ids)).item() for at in (perfect, collapsed))
        assert (alike < separate) is prefers_collapse


@pytest.mark.parametrize("settings", [{"target_scale": -1.0}, {"target_scale": "τ"}, {"targets": "mean"}])
def test_refuses_what_it_does_not_know(settings: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"kind": "soft_targets", **settings}, SoftTargets)
