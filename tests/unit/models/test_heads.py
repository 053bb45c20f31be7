import torch
from torch.nn import functional as F

from photosearch.models.config import ConSEConfig, HeadConfig
from photosearch.models.heads import ConSE, ResidualHead


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
