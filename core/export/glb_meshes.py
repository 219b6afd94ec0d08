"""Meshes of other programs in GLB: their triangles in place, with the colours of their faces."""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from core.export.glb_container import Glb, Json, numbers, read_glb
from core.export.glb_nodes import Placed, placed_primitives
from core.mesh.painted import Painted

TRIANGLES = 4
MOST_TRIANGLES = 5_000_000
Floats = NDArray[np.float32]


def read_painted_glb(path: Path) -> tuple[Painted, ...]:
    """The triangles in the GLB file at `path`, y up, a part for each material; none where it has
    no meshes.

    Raises `UserError` where the file is damaged, or packs meshes in a way that is not known.
    """
    glb = read_glb(path)
    parts = []
    for each in placed_primitives(glb):
        attributes = each.primitive.get("attributes")
        if each.primitive.get("mode", TRIANGLES) == TRIANGLES and isinstance(attributes, dict):
            parts.append(_part(glb, each, attributes))
    return tuple(part for part in parts if len(part.corners))


def _part(glb: Glb, placed: Placed, attributes: Json) -> Painted:
    if "POSITION" not in attributes:
        raise glb.broken("a mesh has no places")
    places = np.array(glb.array(attributes["POSITION"], 3), np.float64)
    if placed.pose is not None:
        places = placed.pose.apply(places)
    count = len(places) // 3 * 3
    faces = np.arange(count).reshape(-1, 3)
    if "indices" in placed.primitive:
        index = np.asarray(glb.array(placed.primitive["indices"], 1), np.int64)
        faces = index[: len(index) // 3 * 3].reshape(-1, 3)
    if len(faces) > MOST_TRIANGLES or (len(faces) and faces.max() >= len(places)):
        raise glb.broken("its triangles make no sense")
    if not np.isfinite(places).all():
        raise glb.broken("its meshes have places that are not numbers")
    base, picture = _material(glb, placed.primitive.get("material"))
    colors = np.broadcast_to(base, (len(places), 3)).astype(np.float32)
    if "COLOR_0" in attributes:
        accessor = glb.item("accessors", attributes["COLOR_0"])
        width = 4 if accessor.get("type") == "VEC4" else 3
        colors = colors * np.array(glb.array(attributes["COLOR_0"], width), np.float32)[:, :3]
    along = None
    if picture is not None and "TEXCOORD_0" in attributes:
        along = np.array(glb.array(attributes["TEXCOORD_0"], 2), np.float32)[faces]
    return Painted(places[faces], _encoded(colors)[faces], along, picture)


def _material(glb: Glb, number: object) -> tuple[Floats, NDArray[np.uint8] | None]:
    """The colour, linear, and the picture, of a material."""
    white = np.ones(3, np.float32)
    if number is None:
        return white, None
    found = glb.item("materials", number).get("pbrMetallicRoughness", {})
    if not isinstance(found, dict):
        return white, None
    factor = numbers(found.get("baseColorFactor", [1, 1, 1, 1]), 4)
    base = white if factor is None else np.array(factor[:3], np.float32)
    texture = found.get("baseColorTexture")
    if not isinstance(texture, dict):
        return base, None
    source = glb.item("textures", texture.get("index")).get("source")
    image = glb.item("images", source)
    if "bufferView" not in image:
        raise glb.broken("its pictures lie in other files")
    try:
        with Image.open(io.BytesIO(glb.bytes_of(image["bufferView"]))) as opened:
            return base, np.asarray(opened.convert("RGB"))
    except (UnidentifiedImageError, OSError) as error:
        raise glb.broken("a picture in it cannot be read") from error


def _encoded(linear: Floats) -> Floats:
    """sRGB in [0, 1] of linear light."""
    linear = linear.clip(0, 1)
    low, high = 12.92 * linear, 1.055 * np.power(linear, 1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, low, high).astype(np.float32)
