from typing import Any

import msgspec
import pytest

from tests.helpers.batches import assert_same, random_batch, whole
from trainer.losses import Loss, names, needs, terms, total
from trainer.losses.fine_grained import FineGrained
from trainer.losses.infonce import InfoNCE
from trainer.losses.nt_xent import NTXent
from trainer.losses.sigmoid import Sigmoid
from trainer.losses.soft_targets import SoftTargets
from trainer.losses.supcon import SupCon
from trainer.losses.triplet import Triplet
from trainer.losses.windowed import WindowedInfoNCE


class Recipe(msgspec.Struct):
    losses: list[Loss]


def read(toml: str) -> list[Loss]:
    return msgspec.toml.decode(toml, type=Recipe).losses


@pytest.mark.parametrize(
    ("kind", "loss"),
    [
        ("infonce", InfoNCE()),
        ("triplet", Triplet()),
        ("soft_targets", SoftTargets()),
        ("sigmoid", Sigmoid()),
        ("supcon", SupCon()),
        ("nt_xent", NTXent()),
        ("fine_grained", FineGrained()),
    ],
)
def test_a_kind_alone_is_a_loss(kind: str, loss: Loss) -> None:
    assert read(f'[[losses]]\nkind = "{kind}"') == [loss]


def test_a_recipe_names_every_setting() -> None:
    written = """
    [[losses]]
    kind = "windowed_infonce"
    window = 8
    stride = 4
    [[losses]]
    kind = "triplet"
    weight = 0.1
    ramp_steps = 75
    margin = 0.3
    mining = "all"
    reduction = "sum"
    hardest_from_step = 100
    [[losses]]
    kind = "soft_targets"
    detach = false
    target_scale = 2.5
    """
    assert read(written) == [
        WindowedInfoNCE(window=8, stride=4),
        Triplet(weight=0.1, ramp_steps=75, margin=0.3, mining="all", reduction="sum", hardest_from_step=100),
        SoftTargets(detach=False, target_scale=2.5),
    ]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"kind": "contrast"}, "Invalid value 'contrast'"),
        ({"kind": "infonce", "margin": 0.2}, "unknown field `margin`"),
        ({"kind": "infonce", "weight": -1.0}, "`float` >= 0"),
        ({"kind": "infonce", "ramp_steps": -1}, "`int` >= 0"),
        ({"kind": "infonce", "label_smoothing": 1.0}, "`float` < 1"),
        ({"kind": "infonce", "other_positives": "both"}, "Invalid enum value 'both'"),
        ({"kind": "infonce", "guide_margin": -0.1}, "`float` >= 0"),
        ({"kind": "triplet", "margin": 0.0}, "`float` > 0"),
        ({"kind": "triplet", "reduction": "sum"}, 'needs mining = "all"'),
        ({"kind": "soft_targets", "target_scale": -1.0}, "`float` > 0"),
        ({"kind": "soft_targets", "target_scale": "tau"}, "Invalid enum value 'tau'"),
        ({"kind": "nt_xent", "temperature": 0.0}, "`float` > 0"),
        ({"kind": "windowed_infonce", "window": 4}, "missing required field `stride`"),
        ({"kind": "windowed_infonce", "window": 4, "stride": 0}, "`int` >= 1"),
        ({"kind": "windowed_infonce", "window": 4, "stride": 5}, "must not exceed"),
    ],
)
def test_a_recipe_with_a_wrong_setting_is_refused_with_the_reason(
    settings: dict[str, Any], says: str
) -> None:
    with pytest.raises(msgspec.ValidationError) as refusal:
        msgspec.convert(settings, Loss)
    assert says in str(refusal.value)


def test_the_total_is_the_weighted_sum() -> None:
    batch = random_batch([0, 1, 0, 2, 3])
    losses = [InfoNCE(weight=2.0), Triplet(weight=0.4, ramp_steps=10), Sigmoid(weight=0.0)]
    expected = 2 * whole(InfoNCE(), batch) + 0.1 * whole(Triplet(), batch)
    assert_same(total(losses, batch, slice(0, 5), step=2.5), expected, batch)


def test_terms_are_told_by_name_before_their_weights() -> None:
    batch = random_batch(range(4))
    losses = [InfoNCE(weight=9.0), NTXent(), InfoNCE(label_smoothing=0.1)]
    parts = terms(losses, batch, slice(0, 4), step=0)
    assert list(parts) == names(losses) == ["infonce", "nt_xent", "infonce_2"]
    assert parts["infonce"].item() == pytest.approx(whole(InfoNCE(), batch).item())


def test_says_what_a_batch_must_hold() -> None:
    assert needs([InfoNCE(), Triplet(), SoftTargets()]) == frozenset()
    assert needs([InfoNCE(guide_margin=0.1), Sigmoid()]) == {"guide", "bias"}
    assert needs([SupCon(), NTXent(), FineGrained()]) == {"labels", "views", "tokens"}
