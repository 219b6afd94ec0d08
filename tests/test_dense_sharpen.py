"""Depths roughly known become those that the photos agree on."""

import numpy as np
import pytest
import torch
from torch import Tensor

from core.dense import sharpen
from core.dense.cameras import Kernel
from core.dense.sharpen import sharpened
from core.geometry.camera import View
from core.progress import Progress
from tests.dense_scenes import TALL, WIDE, card, looking, photographed

CARDS = [card(2.0, 3.0, 1, tilt=20.0), card(1.5, 0.35, 2, x=0.1)]
VIEWS = [looking(x, y) for x, y in ((-0.35, 0.0), (0.0, 0.1), (0.35, 0.0))]
BEHIND = 1.03  # times the true depth, as of splats that what is behind shines through


def measured(views: list[View], photos: list[Tensor], rough: list[Tensor]) -> tuple[Kernel, ...]:
    *steps, last = sharpened(views, photos, rough)
    assert steps
    assert all(isinstance(step, Progress) for step in steps)
    assert not isinstance(last, Progress)
    return last


@pytest.mark.parametrize("longest", [2 * WIDE, WIDE])
def test_it_comes_nearer_to_the_truth(longest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharpen, "LONGEST", longest)
    photos, depths = zip(*[photographed(view, CARDS) for view in VIEWS], strict=True)
    found = measured(VIEWS, list(photos), [BEHIND * depth for depth in depths])
    for depth, truth in zip(found, depths, strict=True):
        assert depth.shape == truth.shape
        known = depth > 0
        assert known.mean() > 0.6
        off = np.abs(depth / truth.numpy() - 1)[known]
        assert np.median(off) < 0.2 * (BEHIND - 1)


def test_where_nothing_was_known_or_agrees_nothing_is() -> None:
    photos, depths = zip(*[photographed(view, CARDS) for view in VIEWS], strict=True)
    assert not measured(VIEWS[:1], list(photos[:1]), list(depths[:1]))[0].any()
    nothing = [torch.zeros(TALL, WIDE)] * 3
    assert not np.any(measured(VIEWS, list(photos), nothing))
    bare = [torch.full_like(photo, 128) for photo in photos]
    assert not np.any(measured(VIEWS, bare, list(depths)))
    assert measured([], [], []) == ()


def test_photos_of_several_sizes_and_half_known() -> None:
    photos, depths = zip(*[photographed(view, CARDS) for view in VIEWS], strict=True)
    views = [*VIEWS[:2], VIEWS[2].resized(WIDE // 2, TALL // 2)]
    small = photos[2][::2, ::2].contiguous()
    rough = [depths[0].clone(), depths[1], depths[2][::2, ::2].contiguous()]
    rough[0][:, : WIDE // 2] = 0
    found = measured(views, [photos[0], photos[1], small], rough)
    assert [each.shape for each in found] == [tuple(each.shape) for each in rough]
    assert (found[0][:, WIDE // 2 + 4 :] > 0).mean() > 0.5
