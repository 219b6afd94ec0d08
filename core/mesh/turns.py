"""What texels take their colours from, in turns: each for what those before it do not show."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.mesh.looking import fronts
from core.mesh.looks import NOBODY, Look, alone
from core.mesh.values import Surface

BEHIND = 0.015  # of the depth by which a texel may lie behind what is seen
ROUGHLY = 0.06  # the same, where no photo shows a texel otherwise

Turn = tuple[Sequence[Look], float]  # looks, and the part of the depth that texels may lie behind


def twice(looks: Sequence[Look]) -> tuple[Turn, ...]:
    """`looks`, and again for what is not quite where they have it.

    What photos show there still is what is seen from beside it.
    """
    return (looks, BEHIND), (looks, ROUGHLY)


def of_photos(
    looks: Sequence[Look], surfaces: Sequence[Surface], ids: Sequence[int]
) -> tuple[Turn, ...]:
    """`looks` at `surfaces` of the objects `ids`, which hide each other better than Gaussians do.

    First where Gaussians and surfaces agree on whose a pixel is, then where the former leave it
    open, beside edges; last as Gaussians alone have it.
    """
    surely, beside = [], []
    numbers = np.array([*ids, NOBODY], np.int32)  # the part -1 is the last
    for look, front in zip(looks, fronts(surfaces, [each.view for each in looks]), strict=True):
        owner, depth = numbers[front.part], front.depth.astype(np.float32)
        same, free = owner == look.owner, look.owner == NOBODY
        surely.append(replace(look, depth=depth, owner=np.where(same, owner, NOBODY)))
        beside.append(replace(look, depth=depth, owner=np.where(same | free, owner, NOBODY)))
    return (surely, BEHIND), (beside, BEHIND), (looks, ROUGHLY)


def made_up(
    own: Gaussians, looks: Sequence[Look], around: Sequence[View], id_: int
) -> tuple[Turn, ...]:
    """What there is of object `id_` with nothing before it: from the photos' places, and `around`.

    With no cameras around, as for a background, from the photos' places with twice the field.
    """
    views = [look.view for look in looks]
    beside = list(around) or [_widened(view) for view in views]
    there, further = ([alone(own, view, id_) for view in each] for each in (views, beside))
    return (there, ROUGHLY), (further, ROUGHLY)


def _widened(view: View) -> View:
    camera = view.camera
    return replace(view, camera=replace(camera, fx=camera.fx / 2, fy=camera.fy / 2))
