"""The Gaussians as the layout has them: what is written, and what pictures are made of."""

import torch
from torch import Tensor

from core.gaussians.arrays import SplatArrays
from core.gaussians.moved import moved
from core.gaussians.table import Gaussians
from core.scene.cuts import cut
from core.scene.layout import FIRST_COPY, HERE, Layout, Placement
from core.scene.shading import Shadow, shaded
from core.scene.shadows import Shadows, may_cast


def compose(gaussians: Gaussians, layout: Layout) -> Gaussians:
    """`gaussians` of the capture frame in the scene frame, each copy of an object where it stands.

    What was not touched keeps its values and its order and comes first; what lies in the shadow of
    a thing that no photo saw there is darker. Where nothing changes, `gaussians` themselves.
    """
    gaussians = cut(gaussians, layout.cuts)
    shadows = shadows_of(gaussians, layout)
    if layout.as_captured and not shadows:
        return gaussians
    scene = layout.ground.scene_from_capture
    elsewhere = [each for _, each in sorted(layout.placements.items()) if not _as_captured(each)]
    own = {each.object_id for each in elsewhere if each.id < FIRST_COPY} | layout.removed
    still = gaussians.rows(~_of(gaussians, own)) if own else gaussians
    parts = [shaded(still if scene is HERE else moved(still, scene), HERE, shadows)]
    for each in elsewhere:
        if each.visible:
            rows = gaussians.rows(_of(gaussians, {each.object_id}))
            pose = each.pose if scene is HERE else scene @ each.pose
            parts.append(shaded(rows if pose is HERE else moved(rows, pose), each.pose, shadows))
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.followed_by(part)
    return whole


def shadows_of(gaussians: Gaussians, layout: Layout) -> tuple[Shadow, ...]:
    """Of the things that `layout` has where no photo saw them. `gaussians`: as cut."""
    if not may_cast(gaussians.object_id.cpu().numpy(), layout):
        return ()
    ground = layout.ground.scene_from_capture
    return Shadows(SplatArrays.from_gaussians(gaussians), ground).of(layout)


def _as_captured(placement: Placement) -> bool:
    return placement.id < FIRST_COPY and placement.in_place and placement.visible


def _of(gaussians: Gaussians, objects: set[int] | frozenset[int]) -> Tensor:
    """[N] bool: the rows of these objects."""
    ids = torch.tensor(sorted(objects), device=gaussians.object_id.device)
    return torch.isin(gaussians.object_id, ids)
