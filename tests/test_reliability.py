"""Targets are judged by the photos, where these can tell."""

from dataclasses import replace

import torch
from torch import Tensor

from core.prior.protocol import Draft, PosedPhoto
from core.prior.reliability import reliability, warped
from core.prior.visibility import surface
from core.render.rasterize import rasterize
from tests.prior_scenes import looking, room

VIEWS = [looking((x, 0.5, -0.8), (0.8 * x, 0.2, 4)) for x in (-0.9, 0.9)]
HERE = looking((0.1, 0.6, -0.7), (0, 0.2, 4))


def asked(count: int = 2) -> tuple[Draft, list[Tensor]]:
    """A draft of what is truly seen from HERE, with so many photos and their depths."""
    scene = room()
    render = rasterize(scene, HERE)
    photos = [PosedPhoto(view, rasterize(scene, view).color) for view in VIEWS[:count]]
    depths = [surface(rasterize(scene, view)) for view in VIEWS[:count]]
    ones = torch.ones_like(render.alpha)
    draft = Draft(HERE, render.color, render.alpha, surface(render), ones, tuple(photos))
    return draft, depths


def test_a_photo_brought_into_another_view_shows_the_same_there() -> None:
    draft, depths = asked()
    for photo, depth in zip(draft.photos, depths, strict=True):
        color, seen = warped(draft, photo, depth)
        assert float(seen.mean()) > 0.6
        error = (color - draft.color).abs().mean(dim=2)[seen > 0]
        assert float(error.median()) < 0.08


def test_the_truth_is_relied_on_and_what_is_wrong_is_not() -> None:
    draft, depths = asked()
    assert float(reliability(draft.color, draft, depths).mean()) > 0.9
    for wrong in (1 - draft.color, draft.color[..., [1, 2, 0]], 0 * draft.color):
        assert float(reliability(wrong, draft, depths).mean()) < 0.02


def test_in_a_room_of_few_colours_wrong_ones_are_told_from_other_exposures() -> None:
    draft, depths = asked()

    def faded(picture: Tensor) -> Tensor:
        grey = picture.mean(dim=2, keepdim=True)
        return grey + 0.3 * (picture - grey)

    photos = tuple(PosedPhoto(each.view, faded(each.color)) for each in draft.photos)
    dull = replace(draft, color=faded(draft.color), photos=photos)
    assert float((dull.color - dull.color[..., [1, 2, 0]]).abs().mean()) < 0.1
    assert float(reliability(dull.color[..., [1, 2, 0]], dull, depths).mean()) < 0.02
    for exposed in (dull.color, 1.08 * dull.color, 0.92 * dull.color):
        assert float(reliability(exposed, dull, depths).mean()) > 0.9


def test_only_what_is_wrong_is_left_out_where_little_is() -> None:
    draft, depths = asked()
    spoilt = draft.color.clone()
    spoilt[20:32, 28:40] = 1 - spoilt[20:32, 28:40]
    found = reliability(spoilt, draft, depths)
    assert float(found[22:30, 30:38].mean()) < 0.35
    assert float(found.mean()) > 0.6


def test_one_photo_is_enough_to_tell() -> None:
    draft, depths = asked(1)
    assert float(reliability(draft.color, draft, depths).mean()) > 0.9
    assert float(reliability(1 - draft.color, draft, depths).mean()) < 0.05


def test_what_cannot_be_checked_is_not_relied_on() -> None:
    draft, depths = asked(0)
    assert float(reliability(draft.color, draft, depths).max()) == 0
    draft, depths = asked()
    unseen = [torch.zeros_like(depth) for depth in depths]
    assert float(reliability(draft.color, draft, unseen).max()) == 0
