"""A scene taken apart into what stands in it: an object or a copy of one, each in its place."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from core.export.glb import Part
from core.gaussians.arrays import SplatArrays
from core.gaussians.table import Gaussians
from core.geometry.pose import Pose
from core.mesh.values import Surface, TexturedMesh
from core.scene.compose import compose, shadows_of
from core.scene.layout import FIRST_COPY, Layout, Placement
from core.scene.shading import shaded
from core.segment.labels import BACKGROUND as BACKGROUND_ID

BACKGROUND = "Background"
LOWEST = 1  # percentile of an object's Gaussians: a few strays are below its base


def all_shown(layout: Layout) -> Layout:
    """`layout` with nothing hidden."""
    shown = {i: replace(each, visible=True) for i, each in layout.placements.items()}
    return replace(layout, placements={i: p for i, p in shown.items() if not p.untouched})


def object_ids(gaussians: Gaussians) -> set[int]:
    """The ids of all objects that have a row."""
    return set(np.unique(gaussians.object_id.cpu().numpy()).tolist())


def chosen_rows(gaussians: Gaussians, objects: frozenset[int] | None) -> Gaussians:
    """The rows of these objects; all for None."""
    if objects is None:
        return gaussians
    ids = gaussians.object_id.cpu().numpy()
    mask = np.isin(ids, sorted(objects))
    return gaussians.rows(gaussians.object_id.new_tensor(np.flatnonzero(mask)))


def placed_parts(
    gaussians: Gaussians,
    layout: Layout,
    names: Mapping[int, str],
    meshes: Mapping[int, TexturedMesh],
    *,
    splats: bool,
    standing: Collection[int] = (),
) -> list[Part]:
    """What stands visibly in the scene of `layout`, of `gaussians` in the capture frame.

    `meshes` by object, in the capture frame too; `splats`: whether the Gaussians come along.
    `standing`: objects whose feet are at y = 0 of the capture frame, even if nothing shows them.
    """
    ids = sorted(object_ids(gaussians) | meshes.keys())
    parts, shadows = [], shadows_of(gaussians, layout)
    for placement in layout.of_objects(ids):
        if not placement.visible:
            continue
        id_ = placement.object_id
        rows = gaussians.rows(gaussians.object_id == id_)
        there = shaded(compose(rows, _alone(layout, placement)), placement.pose, shadows)
        here = SplatArrays.from_gaussians(there)
        mesh = meshes.get(id_)
        if mesh is not None:
            mesh = moved_mesh(mesh, layout.ground.scene_from_capture @ placement.pose)
        if mesh is None and not (splats and len(here)):
            continue
        whole = mesh is not None and id_ == BACKGROUND_ID  # nothing hides where it ends
        base = float(np.percentile(here.means[:, 1], LOWEST)) if len(here) and not whole else None
        if base is not None and id_ in standing:
            foot = rows.means.double().mean(dim=0).numpy() * [1, 0, 1]
            moved = layout.ground.scene_from_capture @ placement.pose
            base = min(base, float(moved.apply(foot)[1]))
        parts.append(Part(_name(placement, names), id_, here if splats else None, mesh, base))
    return parts


def moved_mesh(mesh: TexturedMesh, new_from_old: Pose) -> TexturedMesh:
    """`mesh` under a similarity."""
    surface = mesh.surface
    vertices = new_from_old.apply(surface.vertices.astype(np.float64)).astype(np.float32)
    normals = (surface.normals @ new_from_old.rotation.T).astype(np.float32)
    return replace(mesh, surface=Surface(vertices, normals, surface.faces))


def numbered(parts: Sequence[Part]) -> list[Part]:
    """The same with names that occur once."""
    used: set[str] = set()
    answer = []
    for part in parts:
        name, n = part.name, 1
        while name in used:
            n += 1
            name = f"{part.name} {n}"
        used.add(name)
        answer.append(replace(part, name=name))
    return answer


def _alone(layout: Layout, placement: Placement) -> Layout:
    """`layout` with this placement alone."""
    own = placement.id < FIRST_COPY
    placements = {} if placement.untouched else {placement.id: placement}
    removed = frozenset() if own else frozenset({placement.object_id})
    return replace(layout, placements=placements, removed=removed, shadows=False)


def _name(placement: Placement, names: Mapping[int, str]) -> str:
    usual = BACKGROUND if placement.object_id == 0 else f"Object {placement.object_id}"
    return placement.name or names.get(placement.object_id) or usual
