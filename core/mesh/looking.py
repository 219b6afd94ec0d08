"""Pictures of textured meshes, by rays: to compare them with the Gaussians' own."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from core.geometry.camera import View, unproject
from core.mesh.fuse import library
from core.mesh.values import Floats, Surface, TexturedMesh

Array = NDArray[np.float64]


def picture(
    meshes: Sequence[TexturedMesh], view: View, rays: int = 1
) -> tuple[Floats, NDArray[np.bool_]]:
    """What `view` sees of `meshes`: colours [H, W, 3] in [0, 1], black where nothing is hit.

    And where [H, W] something is. `rays`: so many squared go through a pixel, which has the mean
    of their colours. Raises `Unavailable` where open3d is missing.
    """
    if rays > 1:
        h, w = view.camera.height, view.camera.width
        fine, found = picture(meshes, view.resized(rays * w, rays * h))
        colors: Floats = fine.reshape(h, rays, w, rays, 3).mean(axis=(1, 3))
        return colors, np.asarray(found.reshape(h, rays, w, rays).any(axis=(1, 3)), np.bool_)
    (front,) = fronts([mesh.surface for mesh in meshes], [view])
    colors = np.zeros((*front.part.shape, 3), np.float32)
    for number, mesh in enumerate(meshes):
        mine = front.part == number
        corners = mesh.uvs[mesh.surface.faces[front.triangle[mine]]]
        uv = (corners * front.shares[mine][:, :, None]).sum(axis=1)
        colors[mine] = _sampled(mesh, uv.astype(np.float32))
    return colors, front.part >= 0


@dataclass(frozen=True, eq=False)
class Front:
    """What a camera sees first in each pixel of some surfaces.

    `part` [H, W]: the number of the surface, -1 where there is none. `depth` [H, W]: its z, inf
    where there is none. `triangle` [H, W]: of it, and where in it by the `shares` [H, W, 3] of its
    corners.
    """

    part: NDArray[np.int64]
    depth: Array
    triangle: NDArray[np.int64]
    shares: Array


def fronts(surfaces: Sequence[Surface], views: Sequence[View]) -> list[Front]:
    """What each of `views` sees of `surfaces`. Raises `Unavailable` where open3d is missing."""
    scene = _scene(surfaces)
    answer = []
    for view in views:
        start, ways = rays(view)
        hits = _cast(scene, start, ways)
        b, c = np.moveaxis(hits["primitive_uvs"].astype(np.float64), 2, 0)
        depth = hits["t_hit"].astype(np.float64)
        part = np.where(np.isfinite(depth), hits["geometry_ids"].astype(np.int64), -1)
        triangle = hits["primitive_ids"].astype(np.int64)
        answer.append(Front(part, depth, triangle, np.stack([1 - b - c, b, c], axis=2)))
    return answer


def first_hits(surface: Surface, start: Array, ways: Array) -> Array:
    """How often each of `ways` [..., 3] fits between `start` and `surface`; inf for never.

    `start`: one for all [3], or of each way [..., 3].
    """
    return np.asarray(_cast(_scene([surface]), start, ways)["t_hit"], np.float64)


def rays(view: View) -> tuple[Array, Array]:
    """Where the camera is [3], and the ways [H, W, 3] through its pixels to where z is 1."""
    camera = view.camera
    start = view.centre().double().numpy()
    ends = unproject(torch.ones(camera.height, camera.width), view).double().numpy()
    return start, ends - start


def _scene(surfaces: Sequence[Surface]):  # type: ignore[no-untyped-def]
    o3d = library()
    scene = o3d.t.geometry.RaycastingScene(nthreads=1)
    for surface in surfaces:
        scene.add_triangles(
            o3d.core.Tensor(np.ascontiguousarray(surface.vertices, np.float32)),
            o3d.core.Tensor(np.ascontiguousarray(surface.faces.astype(np.uint32))),
        )
    return scene


def _cast(scene, start: Array, ways: Array):  # type: ignore[no-untyped-def]
    """What open3d says of the rays from `start` along `ways` [..., 3], by name."""
    lines = np.concatenate([np.broadcast_to(start, ways.shape), ways], axis=-1)
    hits = scene.cast_rays(library().core.Tensor(lines.astype(np.float32)), nthreads=1)
    return {name: value.numpy() for name, value in hits.items()}


def _sampled(mesh: TexturedMesh, uv: Floats) -> Floats:
    """Colours [M, 3] of the picture at `uv` [M, 2]."""
    height, width = mesh.texture.shape[:2]
    x, y = (uv * (width, height) - 0.5).astype(np.float32).T
    rows = -(-len(uv) // 16384) or 1  # OpenCV's maps end at 32767 a side
    padded = np.zeros((2, rows * 16384), np.float32)
    padded[:, : len(uv)] = x, y
    planes = padded.reshape(2, rows, 16384)
    found = cv2.remap(
        mesh.texture, planes[0], planes[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return found.reshape(-1, 3)[: len(uv)].astype(np.float32) / np.float32(255)
