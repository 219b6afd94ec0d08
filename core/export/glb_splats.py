"""Gaussians in GLB, as the extension KHR_gaussian_splatting has them: written and read."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.export.glb_container import Buffer, Glb, Json, read_glb
from core.export.glb_nodes import Placed, placed_primitives
from core.gaussians.arrays import SplatArrays
from core.gaussians.moved import moved
from core.geometry.pose import Pose
from core.geometry.sh import SH_C0

EXTENSION = "KHR_gaussian_splatting"
POINTS = 0
KERNEL = {"kernel": "ellipse", "colorSpace": "srgb_rec709_display"}
DEGREES = 4
FAINTEST = 1e-6  # opacity whose logit is still finite; as far from 1
SMALLEST = 1e-12  # standard deviation
TIMES_ITS_SIZE = 16  # that a file's Gaussians may take once its copies are made

Floats = NDArray[np.float32]


def splat_primitive(buffer: Buffer, splats: SplatArrays, pivot: NDArray[np.float64]) -> Json:
    """The primitive for `splats`, whose places are told from `pivot` [3]; N > 0."""
    unit = splats.quats / np.linalg.norm(splats.quats, axis=1, keepdims=True).clip(1e-30)
    alpha = (1 / (1 + np.exp(-splats.logit_opacity.astype(np.float64)))).astype(np.float32)
    dc = splats.sh[:, 0]
    color = np.column_stack([dc * np.float32(SH_C0) + np.float32(0.5), alpha]).clip(0, 1)
    attributes = {
        "POSITION": buffer.array((splats.means - pivot).astype(np.float32), bounded=True),
        # For those that know nothing of the extension.
        "COLOR_0": buffer.array(np.round(color * 255).astype(np.uint8), normalized=True),
        f"{EXTENSION}:ROTATION": buffer.array(unit[:, [1, 2, 3, 0]].astype(np.float32)),
        f"{EXTENSION}:SCALE": buffer.array(np.exp(splats.log_scales).astype(np.float32)),
        f"{EXTENSION}:OPACITY": buffer.array(alpha),
    }
    for name, k in _coefficients(splats.sh_degree):
        attributes[name] = buffer.array(np.ascontiguousarray(splats.sh[:, k]))
    return {"attributes": attributes, "mode": POINTS, "extensions": {EXTENSION: dict(KERNEL)}}


def read_splat_glb(path: Path) -> SplatArrays:
    """All Gaussians in the GLB file at `path`, in its scene's frame, whose y points up.

    Object ids come from the nodes, where we wrote them; all count as observed and certain.
    Raises `UserError` where there are none, and where the file is damaged.
    """
    glb = read_glb(path)
    found = [p for p in placed_primitives(glb) if EXTENSION in _extensions(p.primitive)]
    if not found:
        raise glb.broken("it holds no Gaussians, as the extension KHR_gaussian_splatting has them")
    rows = sum(_rows(glb, each) for each in found)
    if rows * 4 > TIMES_ITS_SIZE * len(glb.data):
        raise glb.broken("it repeats its Gaussians too often")
    parts = [_part(glb, each) for each in found]
    most = max(part.sh.shape[1] for part in parts)
    columns = ("means", "quats", "log_scales", "logit_opacity", "object_id")
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in columns}
    padded = [np.pad(p.sh, ((0, 0), (0, most - p.sh.shape[1]), (0, 0))) for p in parts]
    return SplatArrays(**joined, sh=np.concatenate(padded))


def _extensions(primitive: Json) -> Json:
    found = primitive.get("extensions", {})
    return found if isinstance(found, dict) else {}


def _attributes(glb: Glb, placed: Placed) -> Json:
    found = placed.primitive.get("attributes")
    if not isinstance(found, dict):
        raise glb.broken("its Gaussians have no attributes")
    return found


def _rows(glb: Glb, placed: Placed) -> int:
    accessor = glb.item("accessors", _attributes(glb, placed).get("POSITION"))
    return glb.whole(accessor, "count")


def _part(glb: Glb, placed: Placed) -> SplatArrays:
    attributes = _attributes(glb, placed)

    def column(name: str, width: int) -> Floats:
        if name not in attributes:
            raise glb.broken(f"its Gaussians have no {name}")
        values = np.array(glb.array(attributes[name], width), np.float32)
        if not np.isfinite(values).all():
            raise glb.broken(f"the {name} of its Gaussians are not numbers")
        return values

    degree = max(d for d in range(DEGREES) if d == 0 or _names(d)[0] in attributes)
    sh = [column(name, 3) for name, _ in _coefficients(degree)]
    columns: dict[str, Any] = {
        "means": column("POSITION", 3),
        "quats": column(f"{EXTENSION}:ROTATION", 4)[:, [3, 0, 1, 2]],
        "log_scales": np.log(column(f"{EXTENSION}:SCALE", 3).clip(SMALLEST)),
        "sh": np.stack(sh, axis=1),
    }
    alpha = column(f"{EXTENSION}:OPACITY", 1).astype(np.float64).clip(FAINTEST, 1 - FAINTEST)
    columns["logit_opacity"] = np.log(alpha / (1 - alpha)).astype(np.float32)
    if len({len(values) for values in columns.values()}) > 1:
        raise glb.broken("its Gaussians have columns of unequal length")
    if (columns["quats"] == 0).all(axis=1).any():
        raise glb.broken("its Gaussians have rotations of length 0")
    ids = np.full(len(alpha), placed.object_id, np.int32)
    splats = SplatArrays(**columns, object_id=ids)
    return splats if placed.pose is None else _moved(splats, placed.pose)


def _moved(splats: SplatArrays, pose: Pose) -> SplatArrays:
    if np.array_equal(pose.rotation, np.eye(3)) and pose.scale == 1:
        means = (splats.means + pose.translation).astype(np.float32)
        return SplatArrays(
            means, splats.quats, splats.log_scales, splats.logit_opacity, splats.sh,
            splats.object_id,
        )  # fmt: skip
    with torch.no_grad():
        return SplatArrays.from_gaussians(moved(splats.to_gaussians(), pose))


def _names(degree: int) -> list[str]:
    return [f"{EXTENSION}:SH_DEGREE_{degree}_COEF_{n}" for n in range(2 * degree + 1)]


def _coefficients(degree: int) -> list[tuple[str, int]]:
    """The attributes of colours up to `degree`, and which coefficient each is."""
    names = [name for d in range(degree + 1) for name in _names(d)]
    return [(name, k) for k, name in enumerate(names)]
