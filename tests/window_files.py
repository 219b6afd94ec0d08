"""Files and folders to drop on the window; each function makes one in a folder."""

import json
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.program import Program
from core.export.compressed_ply_writer import write_compressed_ply
from core.export.glb import Part, write_glb
from core.export.ply import write_ply
from core.export.spz import write_spz
from core.export.wish import Wish
from tests.viewport_scenes import three_blobs


def export(program: Program, path: Path) -> None:
    """Have all there is written to `path`, by a process that is awake already."""
    program.exporting.desk = program.desk
    program.exporting.write(path, Wish())


# Things that nothing can be made of


def text(folder: Path) -> Path:
    (folder / "notes.txt").write_text("milk, bread")
    return folder / "notes.txt"


def nothing(folder: Path) -> Path:
    (folder / "bare").mkdir()
    return folder / "bare"


def no_photos(folder: Path) -> Path:
    (folder / "papers").mkdir()
    text(folder / "papers")
    return folder / "papers"


def nonsense(folder: Path) -> Path:
    (folder / "nonsense.ply").write_bytes(bytes(range(256)) * 20)
    return folder / "nonsense.ply"


def torn_header(folder: Path) -> Path:
    (folder / "torn.ply").write_bytes(b"ply\nformat binary_little_endian 1.0\nelement vert")
    return folder / "torn.ply"


def cut_off(folder: Path) -> Path:
    path = splats(folder)
    path.write_bytes(path.read_bytes()[:-1000])
    return path


def liar(folder: Path) -> Path:
    """A header that promises 3 GB."""
    path = splats(folder)
    whole = path.read_bytes()
    rows = 3_000_000_000 // (4 * 17)
    path.write_bytes(whole.replace(b"element vertex 1200", b"element vertex %d" % rows))
    assert path.read_bytes() != whole
    return path


def torn_spz(folder: Path) -> Path:
    path = squeezed(folder)
    path.write_bytes(path.read_bytes()[:-300])
    return path


def bare_glb(folder: Path) -> Path:
    """A valid one, with neither Gaussians nor anything else in it."""
    write_glb(folder / "bare.glb", [], metric=True)
    return folder / "bare.glb"


def of_tomorrow(folder: Path) -> Path:
    project = folder / "later.maquette"
    project.mkdir()
    (project / "manifest.json").write_text(json.dumps({"version": 99}))
    return project


def torn_project(folder: Path) -> Path:
    project = folder / "torn.maquette"
    project.mkdir()
    (project / "manifest.json").write_text('{"version": 1, "captu')
    return project


# Things to look at


def splats(folder: Path) -> Path:
    write_ply(folder / "splats.ply", three_blobs().to_gaussians())
    return folder / "splats.ply"


def packed(folder: Path) -> Path:
    write_compressed_ply(folder / "packed.compressed.ply", three_blobs().to_gaussians())
    return folder / "packed.compressed.ply"


def squeezed(folder: Path) -> Path:
    write_spz(folder / "squeezed.spz", three_blobs().to_gaussians())
    return folder / "squeezed.spz"


def standard(folder: Path) -> Path:
    write_glb(folder / "standard.glb", [Part("Blobs", 1, three_blobs())], metric=True)
    return folder / "standard.glb"


def ball() -> NDArray[np.float64]:
    """Points [500, 3] on a sphere."""
    directions = np.random.default_rng(0).normal(size=(500, 3))
    return directions / np.linalg.norm(directions, axis=1, keepdims=True)


def points(folder: Path) -> Path:
    lines = ["ply", "format ascii 1.0", "element vertex 500"]
    lines += [f"property float {axis}" for axis in "xyz"]
    lines += [f"property uchar {channel}" for channel in ("red", "green", "blue")]
    rows = [f"{x} {y} {z} 250 60 60" for x, y, z in ball()]
    (folder / "points.ply").write_text("\n".join([*lines, "end_header", *rows, ""]))
    return folder / "points.ply"


def mesh(folder: Path) -> Path:
    corners = np.float32([[-1, -1, 0], [1, -1, 0], [1, 1, 0.5], [-1, 1, 0.5]])
    header = ["ply", "format binary_little_endian 1.0", "element vertex 4"]
    header += [f"property float {axis}" for axis in "xyz"]
    header += ["element face 2", "property list uchar int vertex_indices", "end_header", ""]
    faces = b"".join(struct.pack("<B3i", 3, *face) for face in ((0, 1, 2), (0, 2, 3)))
    path = folder / "mesh.PLY"
    path.write_bytes("\n".join(header).encode() + corners.tobytes() + faces)
    return path
