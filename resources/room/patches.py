"""Surfaces as grids of points: the one shape that everything in the room is made of."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from resources.room.noise import Picture

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Material:
    """What a surface is made of.

    `picture`: its colour, sRGB. `tile`: width and height in metres that the
    picture covers before it repeats, or None to stretch it once over the patch.
    `grained`: the picture's x should follow the patch's longer side. `gloss`:
    part of the light mirrored at right angles, 0 to 1. `roughness`: how far
    mirrored rays stray (tangent of the angle). `glow`: emitted radiance per
    unit of colour. `thin`: lit by whatever falls on either side.
    """

    picture: Picture
    tile: tuple[float, float] | None = None
    grained: bool = False
    gloss: float = 0.0
    roughness: float = 0.1
    glow: float = 0.0
    thin: bool = False


@dataclass(frozen=True, eq=False)
class Patch:
    """A surface over the unit square, scene frame, metres.

    `points` and `normals` [V, U, 3]; `us` [U] and `vs` [V] rise from 0 to 1.
    The picture's x follows u and its y follows v. `size`: metres along u and v.
    `texel`: metres between samples of the baked light. `label`: object id.
    """

    points: Array
    normals: Array
    us: Array
    vs: Array
    size: tuple[float, float]
    material: Material
    texel: float = 0.012
    label: int = 0


def moved(
    patches: Iterable[Patch],
    *,
    to: tuple[float, float, float] = (0.0, 0.0, 0.0),
    turn: float = 0.0,
    tilt: float = 0.0,
    roll: float = 0.0,
) -> list[Patch]:
    """`patches` rolled about z, tilted about x, turned about y (degrees, in that order), moved."""
    rotation = rotation_about(1, turn) @ rotation_about(0, tilt) @ rotation_about(2, roll)
    return [
        replace(
            patch,
            points=patch.points @ rotation.T + np.asarray(to),
            normals=patch.normals @ rotation.T,
        )
        for patch in patches
    ]


def labelled(patches: Iterable[Patch], label: int) -> list[Patch]:
    """`patches` as parts of the object `label`."""
    return [replace(patch, label=label) for patch in patches]


def rotation_about(axis: int, degrees: float) -> Array:
    """Rotation [3, 3] about x, y or z (0, 1, 2), right-handed."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    i, j = (axis + 1) % 3, (axis + 2) % 3
    rotation = np.eye(3)
    rotation[i, i] = rotation[j, j] = c
    rotation[i, j], rotation[j, i] = -s, s
    return rotation


def sheet(points: Array, material: Material, *, texel: float = 0.012) -> Patch:
    """The surface through a grid `points` [V, U, 3], seen with u to the right and v downwards."""
    tall, wide = points.shape[:2]
    along_v, along_u = np.gradient(points, axis=(0, 1))
    normals = np.cross(along_v, along_u)
    normals /= np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-12)
    size = (
        float(np.linalg.norm(np.diff(points, axis=1), axis=-1).sum(1).max()),
        float(np.linalg.norm(np.diff(points, axis=0), axis=-1).sum(0).max()),
    )
    us, vs = np.linspace(0, 1, wide), np.linspace(0, 1, tall)
    return Patch(points, normals, us, vs, size, material, texel)


def rectangle(
    corner: tuple[float, float, float],
    right: tuple[float, float, float],
    down: tuple[float, float, float],
    material: Material,
    *,
    texel: float = 0.012,
) -> Patch:
    """A flat rectangle from its upper left `corner`, as its beholder sees it."""
    s = np.linspace(0, 1, 2)
    points = (
        np.asarray(corner)
        + s[None, :, None] * np.asarray(right)
        + s[:, None, None] * np.asarray(down)
    )
    return sheet(points, material, texel=texel)


def lathe(
    profile: Iterable[tuple[float, float]],
    material: Material,
    *,
    segments: int = 32,
    texel: float = 0.012,
) -> Patch:
    """A surface turned about the y axis; `profile` is (radius, y), outside where it rises."""
    line = np.array(list(profile), np.float64)
    angle = np.linspace(0, 2 * np.pi, segments + 1)
    around = np.stack([np.cos(angle), np.zeros_like(angle), -np.sin(angle)], -1)
    points = line[:, None, :1] * around + line[:, None, 1:] * np.array([0.0, 1.0, 0.0])
    tangent = np.gradient(line, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-12)
    normals = tangent[:, None, 1:] * around - tangent[:, None, :1] * np.array([0.0, 1.0, 0.0])
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    vs = np.concatenate([[0.0], np.cumsum(steps)])
    size = (float(2 * np.pi * line[:, 0].max()), float(vs[-1]))
    return Patch(points, normals, angle / (2 * np.pi), vs / vs[-1], size, material, texel)


def tube(path: Array, radius: Array | float, material: Material, *, segments: int = 10) -> Patch:
    """A round bar along `path` [K, 3] with `radius` metres, one or one a point."""
    tangent = np.gradient(path, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-12)
    steady = np.eye(3)[np.argmin(np.abs(tangent).max(0))]
    side = np.cross(tangent, steady)
    side /= np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-12)
    other = np.cross(tangent, side)
    angle = np.linspace(0, 2 * np.pi, segments + 1)[None, :, None]
    normals = np.cos(angle) * side[:, None] + np.sin(angle) * other[:, None]
    radii = np.broadcast_to(np.asarray(radius, np.float64), len(path))
    points = path[:, None] + normals * radii[:, None, None]
    long = float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum())
    us, vs = np.linspace(0, 1, segments + 1), np.linspace(0, 1, len(path))
    return Patch(points, normals, us, vs, (2 * np.pi * float(radii.max()), long), material)
