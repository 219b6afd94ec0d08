"""Which splats are drawn with the pose of which placement; the poses are a table of their own.

So that an object follows the mouse at once, only the poses change while it is dragged.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.gaussians.arrays import SplatArrays
from core.scene.cuts import Cut, applied
from core.scene.layout import FIRST_COPY, HERE, Layout

Poses = NDArray[np.float64]  # [S, 3, 4] scene from capture; zero where nothing is to be seen
Applied = tuple[NDArray[np.int32], NDArray[np.bool_]]
SAMPLES = 20_000
NOWHERE: Poses = np.zeros((3, 4))


@dataclass(frozen=True, eq=False)
class Instances:
    """Instance v is splat `rows[v]` with the pose of placement `placements[slots[v]]`.

    `plain`: every splat once, in the table's order.
    """

    rows: NDArray[np.uint32]  # [V]
    slots: NDArray[np.uint16]  # [V]
    placements: tuple[int, ...]
    plain: bool

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, eq=False)
class Placed:
    """Instances and the poses of their placements."""

    instances: Instances
    poses: Poses

    @property
    def as_captured(self) -> bool:
        """Whether everything is drawn once, where the table has it."""
        return self.instances.plain and bool((self.poses == _matrix(Layout(), 0)).all())


def every(count: int) -> Placed:
    """All splats of a table, where they were captured, as the background's."""
    rows, slots = np.arange(count, dtype=np.uint32), np.zeros(count, np.uint16)
    return Placed(Instances(rows, slots, (0,), plain=True), poses(Layout(), (0,)))


def instances(splats: SplatArrays, layout: Layout, cut: Applied | None = None) -> Instances:
    """Of all placements that are to be seen. `cut`: what came of the layout's cuts, if known."""
    ids, gone = cut or applied(splats, layout.cuts)
    ids = _known(ids)
    known = [int(id_) for id_ in np.flatnonzero(np.bincount(ids))]
    copies = [
        each for id_, each in sorted(layout.placements.items())
        if id_ >= FIRST_COPY and each.visible
    ]  # fmt: skip
    hidden = [id_ for id_ in known if not layout.has(id_) or not layout.placement(id_).visible]
    placements = (*known, *(each.id for each in copies))
    own = np.searchsorted(known, ids).astype(np.uint16)
    if not hidden and not copies and not gone.any():
        return Instances(np.arange(len(ids), dtype=np.uint32), own, placements, plain=True)
    kept = np.flatnonzero(~gone & ~np.isin(ids, hidden)).astype(np.uint32)
    rows, slots = [kept], [own[kept]]
    for slot, copy in enumerate(copies, len(known)):
        chosen = np.flatnonzero((ids == copy.object_id) & ~gone).astype(np.uint32)
        rows.append(chosen)
        slots.append(np.full(len(chosen), slot, np.uint16))
    return Instances(np.concatenate(rows), np.concatenate(slots), placements, plain=False)


def sampled(means: NDArray[np.float32], placed: Placed) -> NDArray[np.float64]:
    """[K, 3] where a fair part of the instances of `means` [N, 3] are seen."""
    every_kth = slice(None, None, max(1, len(placed.instances) // SAMPLES))
    rows, slots = placed.instances.rows[every_kth], placed.instances.slots[every_kth]
    posed = placed.poses[slots]
    there = np.einsum("nij,nj->ni", posed[:, :, :3], means[rows].astype(np.float64))
    return np.asarray(there + posed[:, :, 3])


def alike(before: Placed | None, after: Placed) -> bool:
    """Whether nothing but single objects have moved: how far all reaches is about the same."""
    if before is None:
        return after.as_captured
    if before.instances is not after.instances:
        return False
    return not len(after.poses) or np.array_equal(before.poses[0], after.poses[0])


def structure(layout: Layout) -> tuple[frozenset[int], frozenset[int], tuple[Cut, ...]]:
    """What of a layout decides over its instances, whatever the poses."""
    hidden = {i for i, each in layout.placements.items() if i < FIRST_COPY and not each.visible}
    copies = {i for i, each in layout.placements.items() if i >= FIRST_COPY and each.visible}
    return layout.removed | hidden, frozenset(copies), layout.cuts


def poses(layout: Layout, placements: Sequence[int]) -> Poses:
    """[S, 3, 4] of these placements; those that are not to be seen are `NOWHERE`."""
    if not placements:
        return np.zeros((0, 3, 4))
    return np.stack([_matrix(layout, id_) for id_ in placements])


def _matrix(layout: Layout, id_: int) -> Poses:
    if not layout.has(id_):
        return NOWHERE
    placement = layout.placements.get(id_)
    if placement is not None and not placement.visible:
        return NOWHERE
    pose = layout.ground.scene_from_capture
    if placement is not None and placement.pose is not HERE:
        pose = pose @ placement.pose
    return np.hstack([pose.scale * pose.rotation, pose.translation[:, None]])


def _known(ids: NDArray[np.int32]) -> NDArray[np.int32]:
    """Ids that no object can have, in files of other programs, are the background's."""
    strange = (ids < 0) | (ids >= FIRST_COPY)
    return np.where(strange, 0, ids).astype(np.int32) if strange.any() else ids
