"""Scenes in GLB: a node for each object, with its mesh, its Gaussians, or both."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.export.glb_container import INDICES, Buffer, Json
from core.export.glb_nodes import OBJECT_ID
from core.export.glb_splats import EXTENSION, splat_primitive
from core.gaussians.arrays import SplatArrays
from core.mesh.values import TexturedMesh

TRIANGLES = 4
QUALITY = 92  # of the pictures, as JPEG has it
LINEAR, MIPMAPS, CLAMPED = 9729, 9987, 33071
SHORT = 65535  # the first index that 16 bits do not hold: the last number restarts primitives


@dataclass(frozen=True, eq=False)
class Part:
    """An object as it is written: y up, at the place where it stands in the file's frame.

    `base`: the height that it stands at, where no surface reaches down to it; None if unknown.
    """

    name: str
    object_id: int
    splats: SplatArrays | None = None
    mesh: TexturedMesh | None = None
    base: float | None = None


def write_glb(path: Path, parts: Sequence[Part], *, metric: bool, title: str = "Scene") -> None:
    """Write `parts` to `path`, each a node with its pivot in the middle of its base.

    `metric`: whether a unit is a metre, which is told in the file. Whole or as it was. Raises
    `UserError` where nothing can be written.
    """
    buffer = Buffer()
    nodes: list[Json] = [{"name": title, "children": []}]
    lists: dict[str, list[Json]] = {"meshes": [], "materials": [], "textures": []}
    for part in parts:
        pivot = pivot_of(part)
        node: Json = {"name": part.name, "translation": pivot.tolist()}
        node["extras"] = {OBJECT_ID: part.object_id}
        nodes[0]["children"].append(len(nodes))
        nodes.append(node)
        if part.mesh is not None:
            lists["meshes"].append(_mesh(buffer, part, part.mesh, pivot, lists))
            node["mesh"] = len(lists["meshes"]) - 1
            node["extras"]["unseen"] = round(float(part.mesh.unseen.mean()), 4)
        if part.splats is not None and len(part.splats):
            primitive = splat_primitive(buffer, part.splats, pivot)
            if part.mesh is not None:
                node["children"] = [len(nodes)]
                node = {"name": f"{part.name}, splats"}
                nodes.append(node)
            lists["meshes"].append({"name": part.name, "primitives": [primitive]})
            node["mesh"] = len(lists["meshes"]) - 1
    splats = any("extensions" in p for mesh in lists["meshes"] for p in mesh["primitives"])
    content: dict[str, Any] = {
        "asset": {
            "version": "2.0",
            "generator": "Maquette",
            "extras": {"unit": "metre" if metric else "unknown"},
        },
        "scene": 0,
        "scenes": [{"name": title, "nodes": [0]}],
        "nodes": nodes,
        **{name: items for name, items in lists.items() if items},
    }
    if not nodes[0]["children"]:
        del nodes[0]["children"]
    if splats:
        content["extensionsUsed"] = [EXTENSION]
    if lists["textures"]:
        sampler = {"magFilter": LINEAR, "minFilter": MIPMAPS, "wrapS": CLAMPED, "wrapT": CLAMPED}
        content["samplers"] = [sampler]
    buffer.write(path, content)


def pivot_of(part: Part) -> NDArray[np.float64]:
    """The middle of the lowest side of what is there, [3]; of Gaussians strays are left aside."""
    if part.mesh is not None and len(part.mesh.surface.vertices):
        vertices = part.mesh.surface.vertices.astype(np.float64)
        low, high = vertices.min(axis=0), vertices.max(axis=0)
    elif part.splats is not None and len(part.splats):
        low, high = np.percentile(part.splats.means.astype(np.float64), (1, 99), axis=0)
    else:
        return np.zeros(3)
    middle = (low + high) / 2
    lowest = low[1] if part.base is None else min(low[1], part.base)
    return np.array([middle[0], lowest, middle[2]])


def _mesh(
    buffer: Buffer,
    part: Part,
    mesh: TexturedMesh,
    pivot: NDArray[np.float64],
    lists: dict[str, list[Json]],
) -> Json:
    surface = mesh.surface
    places = (surface.vertices - pivot).astype(np.float32)
    short = len(surface.vertices) <= SHORT
    indices = surface.faces.astype(np.uint16 if short else np.uint32).ravel()
    attributes = {
        "POSITION": buffer.array(places, bounded=True),
        "NORMAL": buffer.array(_unit(surface.normals)),
        "TEXCOORD_0": buffer.array(mesh.uvs.astype(np.float32)),
    }
    faces = buffer.array(indices, target=INDICES)
    image = buffer.image(_jpeg(mesh.texture), "image/jpeg", part.name)
    if mesh.unseen.any():
        # Beside the picture, for whoever asks what of it is made up: white is unseen.
        buffer.image(_png(mesh.unseen), "image/png", f"{part.name}, unseen")
    lists["textures"].append({"sampler": 0, "source": image, "name": part.name})
    lists["materials"].append(
        {
            "name": part.name,
            "pbrMetallicRoughness": {
                "baseColorTexture": {"index": len(lists["textures"]) - 1},
                "metallicFactor": 0.0,
                "roughnessFactor": 1.0,
            },
            # What no photo shows is missing: the inside would look like a hole in the world.
            "doubleSided": True,
        }
    )
    primitive = {
        "attributes": attributes,
        "indices": faces,
        "material": len(lists["materials"]) - 1,
        "mode": TRIANGLES,
    }
    return {"name": part.name, "primitives": [primitive]}


def _unit(normals: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(normals.astype(np.float64), axis=1, keepdims=True)
    up = np.array([0.0, 1.0, 0.0])
    return np.where(lengths > 1e-6, normals / lengths.clip(1e-6), up).astype(np.float32)


def _jpeg(texture: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(texture).save(file, "JPEG", quality=QUALITY, subsampling=0)
    return file.getvalue()


def _png(unseen: NDArray[np.bool_]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(unseen.astype(np.uint8) * np.uint8(255)).convert("1").save(file, "PNG")
    return file.getvalue()
