import pytest
import torch
from torch.nn import functional as F

from photosearch.models.config import ConSEConfig, HeadConfig
from photosearch.models.torch.heads import HEADS, ConSE, LinearHead, MlpHead, ResidualHead


@torch.inference_mode()
def test_a_head_is_linear_plus_mlp_of_standardised_features():
    head = ResidualHead(HeadConfig(dim_in=6, hidden=10, dim_out=4, dropout=0.5)).eval()
    head.mean.copy_(torch.arange(6.0))
    head.std.fill_(2.0)
    features = torch.randn(3, 6)
    x = (features - torch.arange(6.0)) / 2
    first, _, _, last = head.mlp
    expected = F.linear(x, head.linear.weight, head.linear.bias) + last(F.gelu(first(x)))
    torch.testing.assert_close(head(features), expected)


def test_dropout_is_on_only_in_training():
    head = ResidualHead(HeadConfig(dim_in=6, hidden=100, dim_out=4, dropout=0.5))
    features = torch.ones(1, 6)
    assert not torch.equal(head.train()(features), head(features))
    assert torch.equal(head.eval()(features), head(features))


@torch.inference_mode()
def test_conse_of_a_sure_classifier_is_its_class_less_the_mean():
    conse = ConSE(ConSEConfig(classes=3, dim=8, weight=0.2))
    conse.class_text.copy_(F.normalize(torch.randn(3, 8), dim=-1))
    conse.mean.normal_(std=0.1)
    e = conse(torch.tensor([[0.0, 100.0, 0.0]]))
    torch.testing.assert_close(e[0], F.normalize(conse.class_text[1] - conse.mean, dim=-1))


@torch.inference_mode()
def test_conse_of_an_unsure_classifier_is_the_convex_combination():
    conse = ConSE(ConSEConfig(classes=2, dim=4, weight=0.2))
    conse.class_text.copy_(torch.eye(4)[:2])
    p = torch.tensor([0.25, 0.75])
    expected = torch.tensor([0.25, 0.75, 0, 0]) / torch.tensor([0.25, 0.75]).norm()
    torch.testing.assert_close(conse(p.log()[None])[0], expected)
    torch.testing.assert_close(conse.mixture(p.log()[None])[0], expected)


@torch.inference_mode()
def test_the_mlp_head_is_openai_clips():
    head = MlpHead(HeadConfig(dim_in=6, hidden=0, dim_out=4, dropout=0.5, kind="mlp")).eval()
    torch.nn.init.normal_(head.norm.weight)
    x = torch.randn(3, 6)
    p = F.linear(x, head.projection.weight, head.projection.bias)
    _, second, _ = head.mlp
    mixed = p + F.linear(F.gelu(p), second.weight, second.bias)
    mean, var = mixed.mean(dim=1, keepdim=True), mixed.var(dim=1, keepdim=True, correction=0)
    expected = (mixed - mean) / torch.sqrt(var + 1e-5) * head.norm.weight + head.norm.bias
    torch.testing.assert_close(head(x), expected, atol=1e-5, rtol=1e-4)


@torch.inference_mode()
def test_the_linear_head_is_one_linear_map():
    head = LinearHead(HeadConfig(dim_in=6, hidden=0, dim_out=4, dropout=0.5, kind="linear")).eval()
    x = torch.randn(3, 6)
    torch.testing.assert_close(head(x), x @ head[1].weight.T + head[1].bias)


@pytest.mark.parametrize("kind", HEADS)
def test_each_head_takes_rows_of_tokens_too_and_drops_out_only_in_training(kind: str):
    head = HEADS[kind](HeadConfig(dim_in=6, hidden=64, dim_out=32, dropout=0.5, kind=kind))
    tokens = torch.randn(2, 5, 6)
    assert not torch.equal(head.train()(tokens), head(tokens))
    together = head.eval()(tokens)
    assert together.shape == (2, 5, 32)
    torch.testing.assert_close(together[1, 3], head(tokens[1, 3][None])[0], atol=1e-6, rtol=1e-5)
