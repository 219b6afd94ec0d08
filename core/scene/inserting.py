"""Things of other scenes and files, put upright on the floor of this one."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from core.errors import UserError
from core.export.any_file import read_any_file
from core.export.glb_container import MAGIC
from core.export.glb_meshes import read_painted_glb
from core.gaussians.arrays import SplatArrays
from core.gaussians.moved import moved
from core.gaussians.provenance import Origin
from core.geometry.pose import Pose
from core.geometry.sh import sh_from_color
from core.mesh.painted import Painted, strewn
from core.pipeline.outputs import PROJECT
from core.project.folder import MANIFEST, is_project, open_project
from core.scene.additions import Addition, Kind
from core.scene.arrange import EDGES, foot
from core.scene.bodies import body_points
from core.scene.compose import compose
from core.scene.inserting_spot import Spot
from core.scene.layout import FIRST_COPY, FIRST_INSERTED
from core.scene.shown import PointCloud
from core.segment.labels import BACKGROUND, Role

PART = 0.25  # of how far it is looked at from: how large a thing is made whose unit nobody knows
DOT = 0.004  # of a cloud's size: standard deviation of its points


@dataclass(frozen=True, eq=False)
class Thing:
    """Something in a frame whose y is up; `metric`: a unit is a metre."""

    name: str
    splats: SplatArrays
    metric: bool = False


def things_in(path: Path) -> tuple[tuple[int, str], ...]:
    """Ids and names of what can be taken from the project at `path`; one for a file: the whole.

    Raises `UserError`.
    """
    folder = _project_at(path)
    if folder is None:
        return ((0, path.stem),)
    project = open_project(folder)
    there = set(project.scene.object_id.tolist())
    known = {each.id: each for each in project.masks.objects}
    names = {e.objects[0]: e.name for e in project.additions if e.kind is Kind.THING}
    found = []
    for id_ in sorted(there - {BACKGROUND}):
        thing = known.get(id_)
        if id_ < FIRST_COPY and (thing is None or thing.role is Role.OBJECT):
            found.append((id_, thing.name if thing else names.get(id_, f"Object {id_}")))
    if not found:
        raise UserError(
            f"{path.name} has no objects.", hint="Mark them there first, or choose a file."
        )
    return tuple(found)


def read_thing(path: Path, object_id: int) -> Thing:
    """What `things_in` told of, as its own layout has it. Raises `UserError`."""
    folder = _project_at(path)
    if folder is not None:
        project, name = open_project(folder), dict(things_in(path))[object_id]
        rows = project.scene.rows(project.scene.object_id == object_id)
        layout = replace(project.layout, removed=frozenset(), placements={}, shadows=False)
        own = SplatArrays.from_gaussians(compose(rows, layout))
        return Thing(name, own, project.layout.ground.metric)
    metric = _begins(path) == MAGIC
    painted = read_painted_glb(path) if metric else ()
    if painted:
        return Thing(path.stem, strewn(painted), metric)
    content = read_any_file(path)
    if isinstance(content, SplatArrays):
        return Thing(path.stem.removesuffix(".compressed"), content, metric)
    if isinstance(content, PointCloud):
        return Thing(path.stem, _dots(content))
    corners = content.vertices[content.faces].astype(np.float64)
    colors = (content.colors[content.faces] / 255).astype(np.float32)
    return Thing(path.stem, strewn([Painted(corners, colors)]))


def inserted(thing: Thing, id_: int, spot: Spot) -> Addition:
    """`thing` on its foot at a spot, in the frame of the capture: an object `id_`.

    As large as it is where both scenes are in metres, else so that it can be seen.
    """
    if id_ < FIRST_INSERTED:
        raise ValueError(f"{id_} may be the id of an object that was captured")
    points = body_points(thing.splats)
    if not len(points):
        raise UserError(f"There is nothing of {thing.name}.", hint="Choose another file.")
    low, high = np.percentile(points, EDGES, axis=0)
    size = float((high - low).max())
    scale = 1.0 if thing.metric and spot.metric else PART * spot.away / max(size, 1e-9)
    stands = Pose(np.eye(3), spot.at - scale * foot((low, high)), scale)
    with torch.no_grad():
        there = moved(thing.splats.to_gaussians(), spot.capture_from_scene @ stands)
    rows = len(thing.splats)
    splats = replace(
        SplatArrays.from_gaussians(there),
        object_id=np.full(rows, id_, np.int32),
        origin=np.full(rows, Origin.IMAGINED, np.uint8),
        confidence=np.zeros(rows, np.float32),
    )
    return Addition(Kind.THING, (id_,), splats, name=thing.name)


def _project_at(path: Path) -> Path | None:
    if path.name == MANIFEST:
        path = path.parent
    inside = path / PROJECT
    if path.is_dir():
        return inside if is_project(inside) and not is_project(path) else path
    return None


def _begins(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4)
    except OSError as error:
        raise UserError(
            f"{path} cannot be read: {error.strerror}.", hint="Check the path."
        ) from error


def _dots(cloud: PointCloud) -> SplatArrays:
    """A round dot for each point."""
    n = len(cloud)
    low, high = np.percentile(cloud.positions, EDGES, axis=0)
    wide = np.log(DOT * max(float(np.linalg.norm(high - low)), 1e-9))
    colors = torch.from_numpy(cloud.colors.astype(np.float32) / 255)
    return SplatArrays(
        cloud.positions,
        np.tile(np.array([1, 0, 0, 0], np.float32), (n, 1)),
        np.full((n, 3), wide, np.float32),
        np.full(n, 4.0, np.float32),
        sh_from_color(colors)[:, None].numpy(),
        np.zeros(n, np.int32),
    )
