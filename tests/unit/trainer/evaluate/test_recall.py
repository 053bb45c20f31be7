import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from trainer.evaluate.recall import (
    KS,
    Protocol,
    average_precision,
    figures,
    image_to_text_ranks,
    mean_average_precision,
    rank_embeddings,
    recall,
    recall_of,
    text_to_image_ranks,
)


@st.composite
def galleries(draw: st.DrawFn) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Similarities (T, N) with many ties, and each caption's image; some images may have no caption."""
    texts, images = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    seed = draw(st.integers(0, 2**32 - 1))
    generator = np.random.default_rng(seed)
    similarities = generator.integers(0, 4, (texts, images)).astype(np.float32)
    return similarities, generator.integers(0, images, texts)


def test_rows_are_texts_and_columns_images() -> None:
    # Text 0 finds image 0 at once; text 1 scores both images lower than its own; image 1's best is text 0.
    similarities = np.array([[0.9, 0.8], [0.1, 0.2]], dtype=np.float32)
    image_of = np.array([0, 1])
    assert text_to_image_ranks(similarities, image_of).tolist() == [0, 0]
    assert image_to_text_ranks(similarities, image_of).tolist() == [0, 1]
    found = recall(similarities, image_of)
    assert (found.t2i["R@1"], found.i2t["R@1"]) == (100, 50)


def test_one_embedding_for_everything_scores_nothing() -> None:
    found = recall(np.ones((60, 20), dtype=np.float32), np.repeat(np.arange(20), 3))
    assert {way[f"R@{k}"] for way in (found.t2i, found.i2t) for k in KS} == {0.0}
    assert (found.t2i["median_rank"], found.i2t["median_rank"]) == (20, 58)


@pytest.mark.parametrize(("dim", "images"), [(64, 101), (300, 57), (512, 57), (300, 1000)])
def test_one_embedding_for_everything_scores_nothing_whatever_the_product_rounds(
    dim: int, images: int
) -> None:
    one = np.random.default_rng(dim + images).standard_normal((1, dim)).astype(np.float32)
    one /= np.linalg.norm(one)
    image_of = np.repeat(np.arange(images), 3)
    ranks = rank_embeddings(one.repeat(3 * images, 0), one.repeat(images, 0), image_of)
    assert set(ranks.t2i) == {images - 1}
    assert set(ranks.i2t) == {3 * images - 3}


def test_an_image_is_found_by_any_of_its_captions() -> None:
    similarities = np.array([[0.1, 0.5], [0.9, 0.5], [0.3, 0.6]], dtype=np.float32)
    assert image_to_text_ranks(similarities, np.array([0, 0, 1])).tolist() == [0, 0]


def test_captions_of_one_image_do_not_stand_in_each_others_way() -> None:
    similarities = np.full((3, 2), 0.5, dtype=np.float32)
    similarities[2] = 0.1
    similarities[2, 1] = 0.2
    assert image_to_text_ranks(similarities, np.array([0, 0, 1])).tolist() == [0, 2]


def test_counts_the_whole_gallery_and_only_captioned_images() -> None:
    similarities = np.array([[0.5, 0.9, 0.1]], dtype=np.float32)
    found = recall(similarities, np.array([0]))
    assert (found.images, found.captions) == (3, 1)
    assert (found.t2i["R@1"], found.t2i["R@5"], found.i2t["R@1"]) == (0, 100, 100)


@given(galleries(), st.integers(0, 99))
def test_the_order_of_the_gallery_changes_nothing(
    gallery: tuple[NDArray[np.float32], NDArray[np.int64]], seed: int
) -> None:
    similarities, image_of = gallery
    order = np.random.default_rng(seed).permutation(similarities.shape[1])
    places = np.argsort(order)
    assert recall(similarities, image_of) == recall(similarities[:, order], places[image_of])
    rows = np.random.default_rng(seed + 1).permutation(len(image_of))
    assert recall(similarities, image_of) == recall(similarities[rows], image_of[rows])


def test_the_order_of_the_queries_decides_no_digit() -> None:
    ranks = np.array([4, 9, 4, 0, 1, 3, 1, 4])
    rounded = {figures(np.random.default_rng(seed).permutation(ranks))["mrr"] for seed in range(20)}
    assert len(rounded) == 1


@given(galleries())
def test_recall_rises_with_k_and_with_the_right_score(
    gallery: tuple[NDArray[np.float32], NDArray[np.int64]],
) -> None:
    similarities, image_of = gallery
    found = recall(similarities, image_of)
    for way in (found.t2i, found.i2t):
        assert 0 <= way["R@1"] <= way["R@5"] <= way["R@10"] <= 100
    raised = similarities.copy()
    raised[np.arange(len(image_of)), image_of] += 10
    best = recall(raised, image_of)
    for way in (best.t2i, best.i2t):
        assert way == {"R@1": 100, "R@5": 100, "R@10": 100, "median_rank": 1, "mrr": 1}


@given(galleries())
def test_one_to_one_galleries_are_symmetric(
    gallery: tuple[NDArray[np.float32], NDArray[np.int64]],
) -> None:
    similarities, _ = gallery
    square = similarities[: min(similarities.shape), : min(similarities.shape)]
    own = np.arange(len(square))
    assert recall(square, own).t2i == recall(square.T, own).i2t


def test_average_precision_of_a_known_ranking() -> None:
    scores = np.array([0.9, 0.8, 0.7, 0.6], dtype=np.float32)
    relevant = np.array([True, False, True, False])
    assert average_precision(scores, relevant) == pytest.approx((1 + 2 / 3) / 2)


def test_average_precision_puts_ties_last() -> None:
    relevant = np.array([True, False, False, True])
    assert average_precision(np.zeros(4, dtype=np.float32), relevant) == pytest.approx((1 / 3 + 2 / 4) / 2)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=20))
def test_average_precision_is_a_share(items: list[tuple[int, bool]]) -> None:
    scores = np.array([score for score, _ in items], dtype=np.float32)
    relevant = np.array([flag for _, flag in items])
    relevant[0] = True
    assert 0 < average_precision(scores, relevant) <= 1
    assert average_precision(relevant.astype(np.float32), relevant) == 1


def test_mean_average_precision_is_a_percentage_over_rows() -> None:
    scores = np.array([[1, 0], [1, 0]], dtype=np.float32)
    assert mean_average_precision(scores, np.array([[True, False], [False, True]])) == 75.0


def test_embeddings_that_are_no_numbers_find_nothing() -> None:
    similarities = np.full((40, 20), np.nan, dtype=np.float32)
    found = recall(similarities, np.arange(40) // 2)
    assert {way[f"R@{k}"] for way in (found.t2i, found.i2t) for k in KS} == {0.0}


def test_figures_of_known_ranks() -> None:
    assert figures(np.array([0, 1, 4, 9, 99])) == {
        "R@1": 20,
        "R@5": 60,
        "R@10": 80,
        "median_rank": 5,
        "mrr": pytest.approx((1 + 1 / 2 + 1 / 5 + 1 / 10 + 1 / 100) / 5, abs=1e-4),
    }
    assert figures(np.array([0, 3]))["median_rank"] == 2.5


@st.composite
def embedded(
    draw: st.DrawFn,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]:
    """Texts and images with duplicates among them, each text's image, each image's bias."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    texts, images = draw(st.integers(1, 30)), draw(st.integers(1, 20))
    directions = np.eye(6, dtype=np.float32)[:4] * 0.8 + np.float32(0.2)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    bias = generator.integers(0, 3, images).astype(np.float32) / 4
    return (
        directions[generator.integers(0, 4, texts)],
        directions[generator.integers(0, 4, images)],
        generator.integers(0, images, texts),
        bias,
    )


@given(embedded(), st.integers(1, 200))
def test_blocks_of_any_size_rank_like_the_whole_matrix(
    made: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]], block: int
) -> None:
    texts, images, image_of, bias = made
    similarities = texts @ images.T - bias
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trainer.evaluate.recall.BLOCK", block)
        ranks = rank_embeddings(texts, images, image_of, bias)
    assert ranks.t2i.tolist() == text_to_image_ranks(similarities, image_of).tolist()
    assert ranks.i2t.tolist() == image_to_text_ranks(similarities, image_of).tolist()
    assert ranks.images.tolist() == sorted(set(image_of.tolist()))
    assert recall_of(ranks, len(images)) == recall(similarities, image_of)


def test_the_single_caption_protocols_take_one_caption_of_each_image() -> None:
    image_of = np.array([2, 0, 0, 2, 5, 0])
    assert Protocol().rows(image_of).tolist() == [0, 1, 2, 3, 4, 5]
    assert Protocol("single").rows(image_of).tolist() == [0, 1, 4]
    drawn = {tuple(Protocol("random", seed).rows(image_of)) for seed in range(40)}
    assert drawn == {tuple(sorted((a, b, 4))) for a in (1, 2, 5) for b in (0, 3)}
    assert Protocol("random", 7).rows(image_of).tolist() == Protocol("random", 7).rows(image_of).tolist()


def test_a_protocol_says_what_it_is() -> None:
    assert str(Protocol("random", 3)) == "one caption of each image, drawn with seed 3"
