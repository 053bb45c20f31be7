import copy

import msgspec
import numpy as np
import pytest
import torch
from torch import Tensor

from photosearch.models.torch.dual_encoder import DualEncoder
from tests.helpers.tiny_config import tiny_config
from tests.helpers.tiny_model import tiny_model
from trainer.data.loader import PairBatch
from trainer.losses import Batch, Loss, needs, total
from trainer.losses.nt_xent import NTXent
from trainer.models.optimise import Unlock, train_mode
from trainer.models.view_head import add_view_head
from trainer.run.batching import StepReport, exact_backward, seeded
from trainer.run.processes import Processes

PAIRS = 7
SEED = (3, 5)
LOSSES: dict[str, list[dict[str, object]]] = {
    "infonce": [{"kind": "infonce"}],
    "smoothed": [{"kind": "infonce", "label_smoothing": 0.1, "other_positives": "in"}],
    "guided": [{"kind": "infonce", "guide_margin": 0.05}],
    "windowed": [{"kind": "windowed_infonce", "window": 4, "stride": 2}],
    "hybrid": [{"kind": "infonce"}, {"kind": "triplet", "weight": 0.5, "ramp_steps": 4}],
    "triplet": [{"kind": "triplet", "mining": "all", "measure": "euclidean"}],
    "averaged": [{"kind": "soft_targets", "targets": "averaged", "detach": False}],
    "separated": [{"kind": "soft_targets", "targets": "separated"}],
    "sigmoid": [{"kind": "sigmoid"}],
    "supcon": [{"kind": "supcon"}],
    "slip": [{"kind": "infonce"}, {"kind": "nt_xent"}],
    "fine_grained": [{"kind": "infonce"}, {"kind": "fine_grained"}],
}


def losses_of(name: str) -> list[Loss]:
    return msgspec.convert(LOSSES[name], list[Loss])


@pytest.fixture
def model() -> DualEncoder:
    """With dropout in the text tower and in the heads, and batch norms in the image tower."""
    config = msgspec.structs.replace(tiny_config(), conse=None, bias=True)
    model = tiny_model(config, bank=0)
    train_mode(model, Unlock())
    return model


@pytest.fixture
def batch() -> PairBatch:
    random = np.random.default_rng(0)

    def pictures() -> Tensor:
        return torch.from_numpy(random.integers(0, 256, (PAIRS, 64, 64, 3), dtype=np.uint8))

    mask = torch.ones(PAIRS, 6, dtype=torch.int64)
    mask[2, 4:] = 0
    return PairBatch(
        images=pictures(),
        ids=torch.from_numpy(random.integers(4, 60, (PAIRS, 6))),
        mask=mask,
        image_ids=torch.tensor([0, 1, 2, 3, 4, 1, 6]),
        text_ids=torch.tensor([0, 1, 2, 3, 4, 5, 0]),
        labels=torch.tensor([0, 1, 0, -1, 1, 2, -1]),
        image_rows=np.arange(PAIRS),
        caption_rows=np.arange(PAIRS),
        truncated=0,
        total=PAIRS,
        views=(pictures(), pictures()),
    )


def backward(model: DualEncoder, batch: PairBatch, name: str, chunk: int, **options: object) -> StepReport:
    guide = copy.deepcopy(model).eval()
    settings: dict[str, object] = {"processes": Processes(), "guide": guide, **options}
    return exact_backward(model, batch, losses_of(name), 2, chunk=chunk, seed=SEED, **settings)  # type: ignore[arg-type]


def test_a_head_for_views_learns_from_them_and_the_image_head_does_not(
    model: DualEncoder, batch: PairBatch
) -> None:
    add_view_head(model, size=64, hidden=8, dim=5)
    exact_backward(model, batch, [NTXent()], 0, chunk=PAIRS, seed=SEED, processes=Processes())
    whole = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
    moved = {name for name, gradient in whole.items() if gradient.any()}
    assert {name.partition(".")[0] for name in moved} == {"image_tower", "view_head"}
    model.zero_grad()
    exact_backward(model, batch, [NTXent()], 0, chunk=3, seed=SEED, processes=Processes())
    for name, parameter in model.named_parameters():
        if name in moved:
            torch.testing.assert_close(parameter.grad, whole[name], rtol=1e-4, atol=1e-6)


def plain_loss(model: DualEncoder, batch: PairBatch, name: str, chunk: int) -> Tensor:
    """One graph of the whole batch, with the dropout that chunks of this size have."""
    wanted = needs(losses_of(name))

    def embedded(side: int, encode: object, *inputs: Tensor) -> Tensor:
        parts = []
        for start in range(0, PAIRS, chunk):
            with seeded((*SEED, side, start), torch.device("cpu")):
                parts.append(encode(*(part[start : start + chunk] for part in inputs)))  # type: ignore[operator]
        return torch.cat(parts)

    images = embedded(0, model.encode_image, batch.images)
    texts = embedded(1, model.encode_text, batch.ids, batch.mask)
    views = tokens = guide = None
    if "views" in wanted and batch.views is not None:
        views = tuple(embedded(2 + n, model.encode_image, view) for n, view in enumerate(batch.views))
    if "tokens" in wanted:
        tokens = (
            embedded(2, model.image_tokens, batch.images),
            embedded(3, model.text_tokens, batch.ids, batch.mask),
        )
    if "guide" in wanted:
        frozen = copy.deepcopy(model).eval()
        with torch.no_grad():
            guide = (frozen.encode_image(batch.images), frozen.encode_text(batch.ids, batch.mask))
    seen = Batch(
        images,
        texts,
        model.scale,
        batch.image_ids,
        batch.text_ids,
        model.bias,
        views,  # type: ignore[arg-type]
        batch.labels,
        *(tokens or (None, None)),
        batch.mask,
        guide,
    )
    return total(losses_of(name), seen, slice(0, PAIRS), 2)


def gradients(model: DualEncoder) -> dict[str, Tensor]:
    found = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
    model.zero_grad(set_to_none=True)
    return found


def assert_same(found: dict[str, Tensor], wanted: dict[str, Tensor], tolerance: float = 1e-5) -> None:
    assert found.keys() == wanted.keys()
    largest = max(float(gradient.abs().max()) for gradient in wanted.values())
    for name, gradient in wanted.items():
        assert float((found[name] - gradient).abs().max()) <= tolerance * largest, name


@pytest.mark.parametrize("name", LOSSES)
def test_chunks_give_the_gradient_of_the_whole_batch(model: DualEncoder, batch: PairBatch, name: str) -> None:
    loss = plain_loss(model, batch, name, chunk=3)
    loss.backward()  # type: ignore[no-untyped-call]
    wanted = gradients(model)
    assert "log_scale" in wanted or name == "triplet"
    report = backward(model, batch, name, chunk=3)
    assert report.loss == pytest.approx(float(loss.detach()), rel=1e-5)
    assert_same(gradients(model), wanted)


def test_one_chunk_is_the_plain_step(model: DualEncoder, batch: PairBatch) -> None:
    plain_loss(model, batch, "hybrid", chunk=PAIRS).backward()  # type: ignore[no-untyped-call]
    wanted = gradients(model)
    backward(model, batch, "hybrid", chunk=64)
    assert_same(gradients(model), wanted, tolerance=1e-6)


@pytest.mark.parametrize(("graphs", "embedded"), [(1, 7 + 6), (2, 7 + 3), (9, 7)])
def test_kept_graphs_spare_work_and_change_nothing(
    model: DualEncoder, batch: PairBatch, graphs: int, embedded: int
) -> None:
    backward(model, batch, "hybrid", chunk=3)
    wanted = gradients(model)
    seen: list[int] = []
    model.image_tower.register_forward_pre_hook(lambda _tower, inputs: seen.append(len(inputs[0])))
    backward(model, batch, "hybrid", chunk=3, graphs=graphs)
    assert_same(gradients(model), wanted, tolerance=0)
    assert sum(seen) == embedded


def test_dropout_is_on_and_repeats(model: DualEncoder, batch: PairBatch) -> None:
    first = backward(model, batch, "infonce", chunk=3)
    wanted = gradients(model)
    torch.rand(5)  # what else draws numbers in a run changes nothing
    assert backward(model, batch, "infonce", chunk=3) == first
    assert_same(gradients(model), wanted, tolerance=0)
    other = exact_backward(model, batch, losses_of("infonce"), 2, chunk=3, seed=(3, 6), processes=Processes())
    assert other.loss != first.loss


def test_leaves_the_random_generator_and_the_batch_norms_as_they_were(
    model: DualEncoder, batch: PairBatch
) -> None:
    state, buffers = torch.get_rng_state(), {name: b.clone() for name, b in model.named_buffers()}
    backward(model, batch, "infonce", chunk=2)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(b, buffers[name]) for name, b in model.named_buffers())


@pytest.mark.parametrize("tower", ["image_tower", "text_tower"])
def test_a_locked_tower_changes_nothing_else(model: DualEncoder, batch: PairBatch, tower: str) -> None:
    getattr(model, tower).requires_grad_(False)
    plain_loss(model, batch, "infonce", chunk=3).backward()  # type: ignore[no-untyped-call]
    wanted = gradients(model)
    assert not any(name.startswith(tower) for name in wanted)
    backward(model, batch, "infonce", chunk=3)
    assert_same(gradients(model), wanted)


def test_a_factor_scales_the_gradient_and_not_the_report(model: DualEncoder, batch: PairBatch) -> None:
    """So accumulated batches average every gradient, the scale's among them."""
    report = backward(model, batch, "infonce", chunk=3)
    wanted = gradients(model)
    for _ in range(2):
        assert backward(model, batch, "infonce", chunk=3, factor=0.5) == report
    assert_same(gradients(model), wanted)


def test_positives_can_be_taken_for_negatives(model: DualEncoder, batch: PairBatch) -> None:
    masked = backward(model, batch, "infonce", chunk=3)
    assert backward(model, batch, "infonce", chunk=3, mask_positives=False).loss > masked.loss


def test_embeddings_can_stay_as_long_as_they_are(model: DualEncoder, batch: PairBatch) -> None:
    plain = backward(model, batch, "triplet", chunk=3, normalise=False)
    wanted = gradients(model)
    assert backward(model, batch, "triplet", chunk=3).loss != pytest.approx(plain.loss)
    gradients(model)
    backward(model, batch, "triplet", chunk=3, normalise=False)
    assert_same(gradients(model), wanted, tolerance=0)


def test_bf16_is_near_float32(model: DualEncoder, batch: PairBatch) -> None:
    wanted = backward(model, batch, "infonce", chunk=3)
    model.zero_grad(set_to_none=True)
    found = backward(model, batch, "infonce", chunk=3, precision="bf16")
    assert found.loss == pytest.approx(wanted.loss, rel=0.05)
    assert all(p.grad.dtype == torch.float32 for p in model.parameters() if p.grad is not None)
