"""The nodes of a GLB file: what hangs where, with names, and what stands in the end."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.export.glb_container import Glb, Json, numbers
from core.geometry.pose import Pose
from core.geometry.rotation import matrix_from_quat

OBJECT_ID = "object_id"  # in a node's extras
MOST = 100_000  # nodes that are looked at
DEEPEST = 64
UNEVEN = 1e-3  # by which a node may stretch one axis more than another


@dataclass(frozen=True, eq=False)
class Placed:
    """A primitive of a mesh where a node puts it; `pose` is None where it stays as it is."""

    primitive: Json
    name: str
    object_id: int
    pose: Pose | None


def placed_primitives(glb: Glb) -> Iterator[Placed]:
    """What the file's scene shows. Raises `UserError` where its nodes make no sense."""
    waiting = [(number, None, 0, 0) for number in reversed(_roots(glb))]
    looked_at = 0
    state: list[tuple[object, NDArray[np.float64] | None, int, int]] = list(waiting)
    while state:
        number, above, depth, object_id = state.pop()
        looked_at += 1
        if looked_at > MOST or depth > DEEPEST:
            raise glb.broken("its nodes have no end")
        node = glb.item("nodes", number)
        own = _matrix(glb, node)
        matrix = own if above is None else above if own is None else above @ own
        object_id = _object_id(node, object_id)
        if "mesh" in node:
            primitives = glb.item("meshes", node["mesh"]).get("primitives")
            if not isinstance(primitives, list) or not all(
                isinstance(each, dict) for each in primitives
            ):
                raise glb.broken("its meshes make no sense")
            pose = None if matrix is None else _pose(glb, matrix)
            name = str(node.get("name", ""))[:200]
            yield from (Placed(each, name, object_id, pose) for each in primitives)
        children = node.get("children", [])
        if not isinstance(children, list):
            raise glb.broken("its nodes make no sense")
        state += [(child, matrix, depth + 1, object_id) for child in reversed(children)]


def _roots(glb: Glb) -> list[Any]:
    if "scenes" not in glb.content:
        return list(range(min(len(glb.items("nodes")), MOST)))
    roots = glb.item("scenes", glb.content.get("scene", 0)).get("nodes", [])
    if not isinstance(roots, list):
        raise glb.broken("its scene makes no sense")
    return roots


def _object_id(node: Json, default: int) -> int:
    extras = node.get("extras")
    told = extras.get(OBJECT_ID) if isinstance(extras, dict) else None
    good = isinstance(told, int) and not isinstance(told, bool) and 0 <= told < 2**31
    return int(told) if good else default  # type: ignore[arg-type]


def _matrix(glb: Glb, node: Json) -> NDArray[np.float64] | None:
    """`parent_from_node` [4, 4]; None where the node stands as its parent does."""
    if "matrix" in node:
        flat = numbers(node["matrix"], 16)
        if flat is None:
            raise glb.broken("its nodes have matrices that are none")
        return np.array(flat).reshape(4, 4).T
    if not {"translation", "rotation", "scale"} & node.keys():
        return None
    shift = numbers(node.get("translation", [0, 0, 0]), 3)
    turn = numbers(node.get("rotation", [0, 0, 0, 1]), 4)
    scale = numbers(node.get("scale", [1, 1, 1]), 3)
    if shift is None or turn is None or scale is None or not any(turn):
        raise glb.broken("its nodes stand nowhere")
    x, y, z, w = turn
    matrix = np.eye(4)
    quat = torch.tensor([w, x, y, z], dtype=torch.float64)
    matrix[:3, :3] = matrix_from_quat(quat).numpy() * np.array(scale)
    matrix[:3, 3] = shift
    return matrix


def _pose(glb: Glb, matrix: NDArray[np.float64]) -> Pose:
    lengths = np.linalg.norm(matrix[:3, :3], axis=0)
    scale = float(lengths.mean())
    if not np.isfinite(matrix).all() or not 1e-9 < scale < 1e9:
        raise glb.broken("its nodes stand nowhere")
    rotation = matrix[:3, :3] / scale
    if not np.allclose(rotation @ rotation.T, np.eye(3), atol=UNEVEN) or (
        np.linalg.det(rotation) < 0
    ):
        raise glb.broken("its nodes stretch or mirror what they hold")
    return Pose(rotation, matrix[:3, 3].copy(), scale)
