"""The Gaussians as the layout has them: what is written, and what pictures are made of."""

import torch
from torch import Tensor

from core.gaussians.moved import moved
from core.gaussians.table import Gaussians
from core.scene.cuts import cut
from core.scene.layout import FIRST_COPY, HERE, Layout, Placement


def compose(gaussians: Gaussians, layout: Layout) -> Gaussians:
    """`gaussians` of the capture frame in the scene frame, each copy of an object where it stands.

    What was not touched keeps its values and its order and comes first. Where `layout` changes
    nothing, `gaussians` themselves.
    """
    if layout.as_captured:
        return gaussians
    gaussians = cut(gaussians, layout.cuts)
    scene = layout.ground.scene_from_capture
    elsewhere = [each for _, each in sorted(layout.placements.items()) if not _as_captured(each)]
    own = {each.object_id for each in elsewhere if each.id < FIRST_COPY} | layout.removed
    parts = [gaussians.rows(~_of(gaussians, own)) if own else gaussians]
    if scene is not HERE:
        parts = [moved(parts[0], scene)]
    for each in elsewhere:
        if each.visible:
            rows = gaussians.rows(_of(gaussians, {each.object_id}))
            pose = each.pose if scene is HERE else scene @ each.pose
            parts.append(rows if pose is HERE else moved(rows, pose))
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.followed_by(part)
    return whole


def _as_captured(placement: Placement) -> bool:
    return placement.id < FIRST_COPY and placement.in_place and placement.visible


def _of(gaussians: Gaussians, objects: set[int] | frozenset[int]) -> Tensor:
    """[N] bool: the rows of these objects."""
    ids = torch.tensor(sorted(objects), device=gaussians.object_id.device)
    return torch.isin(gaussians.object_id, ids)
