"""The order of splats: complete, far to near to within a key, the same from run to run."""

import time

import numpy as np
import pytest

from widgets.viewport.eye import Eye
from widgets.viewport.sorting import Sorter, thinned


def eye(*, orthographic: bool = False, back: float = 12.0, near: float = 0.01) -> Eye:
    camera_from_scene = np.eye(4)
    camera_from_scene[2, 3] = back
    return Eye(camera_from_scene, 960, 540, 500, 500, 480, 270, orthographic, near)


def cloud(rows: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 4, (rows, 3)).astype(np.float32)


def depths(means: np.ndarray, seen_by: Eye) -> np.ndarray:
    row = seen_by.depth_row
    return means.astype(np.float64) @ row[:3] + row[3]


@pytest.mark.parametrize("orthographic", [False, True])
def test_order_is_that_of_argsort_to_within_a_key(orthographic: bool) -> None:
    means, seen_by = cloud(20_000), eye(orthographic=orthographic)
    order = Sorter().order(means, seen_by)
    z = depths(means, seen_by)
    front = z > seen_by.near
    assert order.dtype == np.uint32
    assert sorted(order) == list(np.flatnonzero(front))
    exact = np.sort(z[front])[::-1]
    if orthographic:
        step = (exact[0] - exact[-1]) / 65535
    else:
        step = exact[:-1] * np.log(exact[0] / exact[-1]) / 65535 * 1.5  # a binade's steps differ
    assert (np.diff(z[order]) <= step + 1e-5).all()


def test_equal_depths_keep_the_table_s_order() -> None:
    means = np.zeros((1000, 3), np.float32)
    means[::2, 2] = 1
    order = Sorter().order(means, eye())
    assert list(order) == [*range(0, 1000, 2), *range(1, 1000, 2)]


def test_what_lies_behind_or_is_no_number_is_left_out() -> None:
    means = cloud(500)
    means[3], means[4], means[5] = np.nan, np.inf, (0, 0, -20)
    seen_by = eye()
    order = Sorter().order(means, seen_by)
    assert not {3, 4, 5} & set(order.tolist())
    means[3:5] = -100
    assert len(order) == (depths(means, seen_by) > 0.01).sum()


def test_nothing_in_front_is_an_empty_order() -> None:
    assert len(Sorter().order(cloud(50), eye(back=-100))) == 0
    assert len(Sorter().order(cloud(0), eye())) == 0


def test_one_splat_far_off_does_not_blur_the_order_of_the_others() -> None:
    means = np.concatenate([cloud(1000), [[0, 0, 1e5]]]).astype(np.float32)
    z = depths(means, eye())
    ordered = z[Sorter().order(means, eye())]
    assert (np.diff(ordered) <= 5e-4 * ordered[:-1] + 1e-5).all()


def test_scratch_memory_serves_tables_of_any_size() -> None:
    sorter = Sorter()
    for rows in (1000, 10, 5000):
        first = sorter.order(cloud(rows), eye())
        assert (Sorter().order(cloud(rows), eye()) == first).all()


@pytest.mark.parametrize("thin", [1, 2, 8])
def test_a_thinned_order_holds_the_same_rows_from_any_side(thin: int) -> None:
    means = cloud(4000)
    one, other = Sorter().order(means, eye()), Sorter().order(-means, eye(back=20))
    everywhere = set(one.tolist()) & set(other.tolist())
    kept = set(thinned(one, thin).tolist()) & everywhere
    assert kept == set(thinned(other, thin).tolist()) & everywhere
    assert len(thinned(one, thin)) == pytest.approx(len(one) / thin, rel=0.05)


def test_a_million_are_sorted_within_a_frame() -> None:
    sorter, means = Sorter(), cloud(1_000_000)
    sorter.order(means[:10], eye())
    took = []
    for _ in range(5):
        begun = time.perf_counter()
        sorter.order(means, eye())
        took.append(time.perf_counter() - begun)
    assert min(took) < 0.06  # three times what is asked of the bench: other tests may be running
