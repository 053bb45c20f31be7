"""Several independently trained heads as one head of the same output length."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from photosearch.models.torch.dual_encoder import DualEncoder
from photosearch.models.torch.heads import ResidualHead
from trainer.evaluate.features import PairFeatures


@torch.no_grad()
def merge_heads(model: DualEncoder, members: Sequence[DualEncoder], train: PairFeatures) -> None:
    """Make the heads of `model` do what those of `members` do side by side.

    The members' outputs, each divided by its mean length, are concatenated: the cosine of that is about the
    mean of their cosines, and independent errors cancel. The principal directions of both sides' training
    outputs (uncentred second moments) then bring it back to the length of one output; that projection folds
    into the last layers, so nothing is left but a head with a wider hidden layer.

    Args:
        model: its heads' hidden length is the sum of the members'; written in place
        members: trained from different seeds on the same standardised features
    """
    image_heads, text_heads = [m.image_head for m in members], [m.text_head for m in members]
    image_scales = _scales(image_heads, train.images)
    text_scales = _scales(text_heads, train.texts)
    moments = _moments(image_heads, image_scales, train.images)
    moments = moments + _moments(text_heads, text_scales, train.texts)
    _, directions = torch.linalg.eigh(moments)  # ascending
    projection = directions[:, -model.image_head.linear.out_features :]  # (members * out, out)
    _merge(model.image_head, image_heads, image_scales, projection)
    _merge(model.text_head, text_heads, text_scales, projection)
    model.log_scale.copy_(torch.stack([m.log_scale for m in members]).mean())


def _scales(heads: Sequence[ResidualHead], features: Tensor) -> list[float]:
    return [1 / float(head(features).norm(dim=1).mean()) for head in heads]


def _moments(heads: Sequence[ResidualHead], scales: Sequence[float], features: Tensor) -> Tensor:
    outputs = torch.cat([s * head(features) for head, s in zip(heads, scales, strict=True)], dim=1)
    return outputs.T @ outputs / len(outputs)  # (members * out, members * out)


def _merge(
    merged: ResidualHead, heads: Sequence[ResidualHead], scales: Sequence[float], projection: Tensor
) -> None:
    parts = torch.split(projection, heads[0].linear.out_features)  # members x (out, out)
    scaled = [
        scale * part.T for scale, part in zip(scales, parts, strict=True)
    ]  # from a member to the merged
    merged.mean.copy_(heads[0].mean)
    merged.std.copy_(heads[0].std)
    merged.linear.weight.copy_(_sum([p @ h.linear.weight for h, p in zip(heads, scaled, strict=True)]))
    merged.linear.bias.copy_(_sum([p @ h.linear.bias for h, p in zip(heads, scaled, strict=True)]))
    first, last = _layers(merged)
    layers = [_layers(head) for head in heads]
    first.weight.copy_(torch.cat([own.weight for own, _ in layers]))
    first.bias.copy_(torch.cat([own.bias for own, _ in layers]))
    last.weight.copy_(torch.cat([p @ own.weight for (_, own), p in zip(layers, scaled, strict=True)], dim=1))
    last.bias.copy_(_sum([p @ own.bias for (_, own), p in zip(layers, scaled, strict=True)]))


def _sum(tensors: Sequence[Tensor]) -> Tensor:
    return torch.stack(list(tensors)).sum(dim=0)


def _layers(head: ResidualHead) -> tuple[nn.Linear, nn.Linear]:
    first, last = head.mlp[0], head.mlp[-1]
    assert isinstance(first, nn.Linear) and isinstance(last, nn.Linear)
    return first, last
