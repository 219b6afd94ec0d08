"""A PLY file as what it is: Gaussians, a mesh, or plain points."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import UserError
from core.export.compressed_ply import is_compressed, read_compressed_ply
from core.export.ply import read_ply
from core.export.ply_faces import read_triangles
from core.export.ply_header import Header, read_header
from core.export.ply_rows import Columns, columns, stacked
from core.gaussians.arrays import SplatArrays
from core.gaussians.table import Gaussians
from core.scene.shown import Content, PointCloud, TriangleMesh

AXES = ["x", "y", "z"]
CHANNELS = ["red", "green", "blue"]
GREY = 180  # for what comes without colours
MOST = {"u1": 255, "u2": 65535}  # the number for full brightness; of other types 1


def read_any_ply(path: Path) -> Content:
    """What the PLY file at `path` holds, in its own frame.

    Raises `UserError` where it is no PLY, damaged, empty, or promises more than it holds.
    """
    header = read_header(path)
    if header.vertices.rows == 0:
        raise UserError(f"{path} is empty: it has no points.", hint="Choose another file.")
    if is_compressed(header):
        return read_compressed_ply(path)
    if _is_splats(header):
        return SplatArrays.from_gaussians(read_ply(path))
    cloud = _points(header)
    if header.has_faces:
        faces = read_triangles(header)
        if len(faces):
            return TriangleMesh(cloud.positions, faces, cloud.colors)
    return cloud


def read_splats(path: Path) -> Gaussians:
    """The Gaussians in the splat file at `path`, compressed or not. Raises `UserError`."""
    if is_compressed(read_header(path)):
        return read_compressed_ply(path).to_gaussians()
    return read_ply(path)


def _is_splats(header: Header) -> bool:
    """Whether the vertices are meant for Gaussians, even if a column is missing."""
    return any(name in header.vertices.names for name in ("f_dc_0", "scale_0", "rot_0"))


def _points(header: Header) -> PointCloud:
    vertices = header.vertices
    missing = [axis for axis in AXES if axis not in vertices.names]
    if missing:
        raise UserError(
            f"The points in {header.path} have no {', '.join(missing)}.",
            hint="Export the file again from the program that made it.",
        )
    positions = np.empty((vertices.rows, 3), np.float32)
    colors = np.full((vertices.rows, 3), GREY, np.uint8)
    codes = {p.name: p.code for p in vertices.properties}
    colored = all(channel in codes for channel in CHANNELS)
    at = 0
    for part in columns(header, vertices):
        rows = slice(at, at + len(part["x"]))
        positions[rows] = stacked(part, AXES)
        if colored:
            colors[rows] = _colors(part, MOST.get(codes["red"], 1))
        at = rows.stop
    bad = int((~np.isfinite(positions)).any(axis=1).sum())
    if bad:
        raise UserError(
            f"{bad} of {len(positions)} points in {header.path} have places that are not numbers.",
            hint="Export the file again from the program that made it.",
        )
    return PointCloud(positions, colors)


def _colors(part: Columns, most: int) -> NDArray[np.uint8]:
    values = np.nan_to_num(stacked(part, CHANNELS), posinf=most) * (255 / most)
    return np.round(values.clip(0, 255)).astype(np.uint8)
