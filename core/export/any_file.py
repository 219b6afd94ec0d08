"""A file of a scene as what it is, by how it begins and not by its name."""

from pathlib import Path

from core.errors import UserError
from core.export.any_ply import read_any_ply
from core.export.any_ply import read_splats as read_ply_splats
from core.export.glb_container import MAGIC as GLB
from core.export.glb_splats import read_splat_glb
from core.export.spz import GZIP, read_spz
from core.export.spz import LATER as LATER_SPZ
from core.gaussians.arrays import SplatArrays
from core.gaussians.table import Gaussians
from core.scene.shown import Content

SPZ = ".spz"
SCENE_SUFFIXES = (".ply", SPZ, ".glb")  # of files that may be read here, in small letters


def read_any_file(path: Path) -> Content:
    """What the PLY, SPZ or GLB file at `path` holds: Gaussians, a mesh, or plain points.

    Raises `UserError` where it is none of these, damaged, empty, or promises more than it holds.
    """
    splats = _other_splats(path)
    if splats is None:
        return read_any_ply(path)
    if not len(splats):
        raise UserError(f"{path} is empty: it has no Gaussians.", hint="Choose another file.")
    return splats


def read_splats(path: Path) -> Gaussians:
    """The Gaussians in the PLY (compressed or not), SPZ or GLB file at `path`.

    Raises `UserError`.
    """
    splats = _other_splats(path)
    return read_ply_splats(path) if splats is None else splats.to_gaussians()


def _other_splats(path: Path) -> SplatArrays | None:
    """What is in a file that is no PLY; None of a PLY."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise UserError(
            f"{path} cannot be read: {error.strerror}.", hint="Check the path."
        ) from error
    if start == GLB:
        return read_splat_glb(path)
    if start[:2] == GZIP or start == LATER_SPZ or path.suffix.lower() == SPZ:
        return read_spz(path)
    return None
