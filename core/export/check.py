"""Files that were written, read back and compared with what they should hold."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from core.errors import UserError
from core.export.any_file import read_splats
from core.export.glb import Part
from core.export.glb_container import Glb, read_glb
from core.export.wish import Format
from core.gaussians.table import Gaussians
from core.geometry.aim import facing
from core.geometry.camera import Pinhole, View
from core.pipeline.evaluate import picture

SIDE = 160  # pixels of the pictures that are compared
EXACT, ROUNDED = 40.0, 20.0  # dB that pictures have to agree by, of formats that round little, much
STRAY = 1e-3  # of a scene's size: how far a corner of its bounds may be from where it was
ALIKE = 99.0  # dB, said of pictures that are the same

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Checked:
    """`gaussians` and `triangles` that the file holds. `psnr`: of a picture of its Gaussians
    against one of those that were written, dB; None where there are none."""

    gaussians: int = 0
    triangles: int = 0
    psnr: float | None = None


def check_splats(path: Path, form: Format, written: Gaussians) -> Checked:
    """Read the splat file at `path` back. Raises `UserError` unless it holds `written`."""
    read = read_splats(path)
    if len(read) != len(written):
        raise _different(f"{len(read)} Gaussians instead of {len(written)}")
    if not len(written):
        return Checked()
    (low, high), (read_low, read_high) = _bounds(written), _bounds(read)
    size = float(np.linalg.norm(high - low)) + 1e-6 * float(np.abs(high).max())
    off = max(np.abs(low - read_low).max(), np.abs(high - read_high).max())
    if off > STRAY * size + 1e-6:
        raise _different(f"its bounds are off by {off:.2g} of {size:.3g}")
    view = overview(low, high)
    first, second = (picture(gaussians, view).astype(np.float64) for gaussians in (written, read))
    error = float(((first - second) ** 2).mean()) / 255**2
    psnr = ALIKE if error == 0 else min(ALIKE, -10 * float(np.log10(error)))
    least = ROUNDED if form in (Format.SPZ, Format.COMPRESSED) else EXACT
    if psnr < least:
        raise _different(f"it looks different ({psnr:.1f} dB)")
    return Checked(len(read), 0, psnr)


def check_meshes(path: Path, parts: Sequence[Part]) -> Checked:
    """Read the meshes of a GLB file back. Raises `UserError` unless it holds those of `parts`."""
    glb = read_glb(path)
    nodes = {node.get("name"): node for node in glb.items("nodes")}
    triangles = 0
    for part in parts:
        if part.mesh is None:
            continue
        surface = part.mesh.surface
        node = nodes.get(part.name)
        if node is None or "mesh" not in node:
            raise _different(f'it has no mesh named "{part.name}"')
        primitive = glb.item("meshes", node["mesh"])["primitives"][0]
        places = np.array(glb.array(primitive["attributes"]["POSITION"], 3), np.float64)
        places += np.array(node["translation"])
        faces = glb.array(primitive["indices"], 1).reshape(-1, 3)
        if not np.array_equal(faces, surface.faces) or len(places) != len(surface.vertices):
            raise _different(f'"{part.name}" has other triangles')
        size = float(np.ptp(surface.vertices, axis=0).max())
        if not np.allclose(places, surface.vertices, atol=1e-4 * size + 1e-6):
            raise _different(f'"{part.name}" is elsewhere')
        _check_texture(glb, primitive, part)
        triangles += len(faces)
    return Checked(triangles=triangles)


def overview(low: Array, high: Array) -> View:
    """A camera that sees the box between the corners `low` and `high` [3] from above."""
    camera = Pinhole(SIDE, SIDE, SIDE * 1.0, SIDE * 1.0, SIDE / 2, SIDE / 2)
    middle = torch.from_numpy((low + high) / 2)
    way = torch.tensor([0.48, 0.36, 0.8], dtype=torch.float64)
    radius = max(float(np.linalg.norm(high - low)) / 2, 0.05)
    up = torch.tensor([0.0, 1.0, 0.0], dtype=torch.float64)
    view = facing(camera, middle + 2.2 * radius * way, middle, up)
    return View(camera, view.camera_from_scene.float())


def _check_texture(glb: Glb, primitive: dict[str, object], part: Part) -> None:
    assert part.mesh is not None
    material = glb.item("materials", primitive["material"])["pbrMetallicRoughness"]
    texture = glb.item("textures", material["baseColorTexture"]["index"])
    image = glb.item("images", texture["source"])
    try:
        with Image.open(io.BytesIO(glb.bytes_of(image["bufferView"]))) as opened:
            read = np.asarray(opened.convert("RGB"), np.float64)
    except (UnidentifiedImageError, OSError) as error:
        raise _different(f'the picture on "{part.name}" cannot be read') from error
    if read.shape != part.mesh.texture.shape or np.abs(read - part.mesh.texture).mean() > 8:
        raise _different(f'the picture on "{part.name}" is another one')


def _bounds(gaussians: Gaussians) -> tuple[Array, Array]:
    means = gaussians.means.detach().double().cpu()
    return means.amin(dim=0).numpy(), means.amax(dim=0).numpy()


def _different(what: str) -> UserError:
    return UserError(
        f"The file was written, but does not hold what it should: {what}.",
        hint="Nothing was kept of it. Please report this, and try another format.",
    )
