"""Rays against the room: what they hit, and what colour it has there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from resources.room.atlas import Atlas, Ids, packed
from resources.room.noise import Floats
from resources.room.patches import Patch

if TYPE_CHECKING:
    import open3d

EPSILON = 1e-3
"""Metres between a surface and the rays that leave it."""


@dataclass(frozen=True, eq=False)
class Hits:
    """Where rays met the room: `patch` [M] ids (-1: nowhere), u and v, `normal` towards the ray."""

    patch: Ids
    u: Floats
    v: Floats
    normal: Floats
    distance: Floats


@dataclass(frozen=True, eq=False)
class Mesh:
    """All triangles, the patch of each, and u, v and normal of each of their corners."""

    vertices: Floats
    triangles: NDArray[np.uint32]
    patch: Ids
    uv: Floats
    normals: Floats


class Room:
    """Patches ready to be hit by rays. `outside` patches are seen, but cast no shadow."""

    def __init__(self, patches: Sequence[Patch], outside: Sequence[Patch], seed: int) -> None:
        self.patches = [*patches, *outside]
        self._mesh = _mesh(self.patches)
        self._everything = _scene(self._mesh, len(self.patches))
        self._solid = _scene(self._mesh, len(patches))
        self._albedo, self._picture, self._affine = _albedo(self.patches, seed)
        materials = [patch.material for patch in self.patches]
        self.label = np.array([patch.label for patch in self.patches], np.int64)
        self.gloss = np.array([m.gloss for m in materials], np.float32)
        self.roughness = np.array([m.roughness for m in materials], np.float32)
        self.glow = np.array([m.glow for m in materials], np.float32)
        self.thin = np.array([m.thin for m in materials], bool)

    def hit(self, origins: Floats, directions: Floats, *, solid: bool = False) -> Hits:
        """First hits of rays [M, 3]; only patches that cast shadows if `solid`."""
        scene = self._solid if solid else self._everything
        answer = scene.cast_rays(_rays(origins, directions))
        triangle = answer["primitive_ids"].numpy().astype(np.int64)
        found = triangle < len(self._mesh.triangles)
        triangle = np.where(found, triangle, 0)
        second, third = answer["primitive_uvs"].numpy().T[..., None]
        first = 1 - second - third
        a, b, c = self._mesh.triangles[triangle].T
        uv = self._mesh.uv[a] * first + self._mesh.uv[b] * second + self._mesh.uv[c] * third
        normal = self._mesh.normals[a] * first + self._mesh.normals[b] * second
        normal += self._mesh.normals[c] * third
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
        normal *= np.where((normal * directions).sum(1) > 0, -1, 1)[:, None]
        patch = np.where(found, self._mesh.patch[triangle], -1)
        return Hits(patch, uv[:, 0], uv[:, 1], normal, answer["t_hit"].numpy())

    def open(
        self, origins: Floats, directions: Floats, far: float | None = None
    ) -> NDArray[np.bool_]:
        """Whether nothing that casts shadows lies on rays [M, 3] up to `far` times their length."""
        limit = np.inf if far is None else far
        return ~self._solid.test_occlusions(_rays(origins, directions), 0.0, limit).numpy()

    def albedo(self, patch: Ids, u: Floats, v: Floats) -> Floats:
        """Linear colour [M, 3] of patches at u, v."""
        offset_u, scale_u, offset_v, scale_v, turned = self._affine[patch].T
        x = np.where(turned > 0, v, u) * scale_u + offset_u
        y = np.where(turned > 0, u, v) * scale_v + offset_v
        return self._albedo.smooth(self._picture[patch], _wrapped(x), _wrapped(y))


def _wrapped(x: Floats) -> Floats:
    """x in [0, 1), except that 1 itself stays."""
    return np.asarray(np.where(x == 1.0, 1.0, x - np.floor(x)), np.float32)


def linear(values: Floats) -> Floats:
    """sRGB in [0, 1] as linear light."""
    low, high = values / 12.92, ((values + 0.055) / 1.055) ** 2.4
    return np.asarray(np.where(values <= 0.04045, low, high), np.float32)


def _rays(origins: Floats, directions: Floats) -> open3d.core.Tensor:
    import open3d  # needs system libraries; everything else about the room does without

    rays = np.concatenate([origins, directions], axis=1).astype(np.float32)
    return open3d.core.Tensor(np.ascontiguousarray(rays))


def _scene(mesh: Mesh, patches: int) -> open3d.t.geometry.RaycastingScene:
    import open3d

    scene = open3d.t.geometry.RaycastingScene()
    triangles = np.ascontiguousarray(mesh.triangles[mesh.patch < patches])
    scene.add_triangles(open3d.core.Tensor(mesh.vertices), open3d.core.Tensor(triangles))
    return scene


def _mesh(patches: Sequence[Patch]) -> Mesh:
    vertices, triangles, owners, uvs, normals = [], [], [], [], []
    count = 0
    for k, patch in enumerate(patches):
        tall, wide = patch.points.shape[:2]
        ids = count + np.arange(tall * wide).reshape(tall, wide)
        a, b, c, d = ids[:-1, :-1], ids[:-1, 1:], ids[1:, 1:], ids[1:, :-1]
        pair = np.concatenate(
            [np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)]
        )
        u, v = np.meshgrid(patch.us, patch.vs)
        vertices.append(patch.points.reshape(-1, 3))
        normals.append(patch.normals.reshape(-1, 3))
        uvs.append(np.stack([u.ravel(), v.ravel()], 1))
        triangles.append(pair)
        owners.append(np.full(len(pair), k, np.int64))
        count += tall * wide
    return Mesh(
        np.concatenate(vertices).astype(np.float32),
        np.concatenate(triangles).astype(np.uint32),
        np.concatenate(owners),
        np.concatenate(uvs).astype(np.float32),
        np.concatenate(normals).astype(np.float32),
    )


def _albedo(patches: Sequence[Patch], seed: int) -> tuple[Atlas, Ids, Floats]:
    """The pictures, which one each patch wears, and how its u and v run over it."""
    rng = np.random.default_rng(seed)
    table = linear(np.arange(256, dtype=np.float32) / 255)
    order: dict[int, int] = {}
    pictures: list[Floats] = []
    which, affine = [], []
    for patch in patches:
        material = patch.material
        key = id(material.picture)
        if key not in order:
            order[key] = len(pictures)
            pictures.append(table[material.picture])
        which.append(order[key])
        turned = material.grained and patch.size[1] > patch.size[0]
        if material.tile is None:
            affine.append([0.0, 1.0, 0.0, 1.0, float(turned)])
        else:
            wide, tall = patch.size[::-1] if turned else patch.size
            spot = rng.uniform(0, 1, 2)
            affine.append(
                [spot[0], wide / material.tile[0], spot[1], tall / material.tile[1], float(turned)]
            )
    return packed(pictures), np.array(which, np.int64), np.array(affine, np.float32)
