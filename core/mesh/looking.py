"""Pictures of textured meshes, by rays: to compare them with the Gaussians' own."""

from collections.abc import Sequence

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
    o3d = library()
    scene = o3d.t.geometry.RaycastingScene(nthreads=1)
    numbers = {}
    for mesh in meshes:
        vertices = o3d.core.Tensor(np.ascontiguousarray(mesh.surface.vertices, np.float32))
        faces = o3d.core.Tensor(np.ascontiguousarray(mesh.surface.faces.astype(np.uint32)))
        numbers[scene.add_triangles(vertices, faces)] = mesh
    camera = view.camera
    ends = unproject(torch.ones(camera.height, camera.width), view).numpy()
    start = view.centre().numpy()
    ways = np.concatenate([np.broadcast_to(start, ends.shape), ends - start], axis=2)
    hits = scene.cast_rays(o3d.core.Tensor(np.ascontiguousarray(ways, np.float32)), nthreads=1)
    which, triangle = hits["geometry_ids"].numpy(), hits["primitive_ids"].numpy()
    part = hits["primitive_uvs"].numpy()
    colors = np.zeros(ends.shape, np.float32)
    hit = np.zeros(ends.shape[:2], bool)
    for number, mesh in numbers.items():
        mine = which == number
        corners = mesh.uvs[mesh.surface.faces[triangle[mine]]]
        b, c = part[mine].T[..., None]
        uv = corners[:, 0] * (1 - b - c) + corners[:, 1] * b + corners[:, 2] * c
        colors[mine] = _sampled(mesh, uv.astype(np.float32))
        hit |= mine
    return colors, hit


def first_hits(surface: Surface, start: Array, ways: Array) -> Array:
    """How often each of `ways` [R, 3] fits between `start` [3] and `surface`; inf for never."""
    o3d = library()
    scene = o3d.t.geometry.RaycastingScene(nthreads=1)
    scene.add_triangles(
        o3d.core.Tensor(np.ascontiguousarray(surface.vertices, np.float32)),
        o3d.core.Tensor(np.ascontiguousarray(surface.faces.astype(np.uint32))),
    )
    rays = np.concatenate([np.broadcast_to(start, ways.shape), ways], axis=1).astype(np.float32)
    hits = scene.cast_rays(o3d.core.Tensor(np.ascontiguousarray(rays)), nthreads=1)
    return np.asarray(hits["t_hit"].numpy(), np.float64)


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
