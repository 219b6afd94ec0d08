"""One photo's light: rays through the lens, colour times light, a faint mirror on top."""

from dataclasses import dataclass

import numpy as np

from resources.room.atlas import Ids
from resources.room.camera import Lens
from resources.room.light import Baked, Lights, from_sun
from resources.room.noise import Floats
from resources.room.patches import Array
from resources.room.tracer import EPSILON, Hits, Room

ROWS = 40
"""Picture rows rendered at once."""

MIRRORED = 3
"""Mirrored rays for each ray that meets something glossy."""

BRIGHTEST = 1.2
"""Mirrored light above this radiance is cut off: it would only sparkle."""


@dataclass(frozen=True, eq=False)
class Exposure:
    """Linear light `radiance` [H, W, 3] and `labels` [H, W], the object at each pixel's centre."""

    radiance: Floats
    labels: Ids


def render(
    room: Room,
    lights: Lights,
    baked: Baked,
    lens: Lens,
    camera_from_scene: Array,
    *,
    samples: int = 3,
    seed: int = 0,
) -> Exposure:
    """What the lens sees, from `samples` by `samples` rays a pixel (odd: one is at the centre)."""
    rng = np.random.default_rng(seed)
    strips, labels = [], []
    for top in range(0, lens.height, ROWS):
        rows = min(ROWS, lens.height - top)
        y = top + (np.arange(rows * samples) + 0.5) / samples
        x = (np.arange(lens.width * samples) + 0.5) / samples
        rays = lens.rays(np.stack(np.meshgrid(x, y), -1).reshape(-1, 2))
        light, patch = _seen(room, lights, baked, camera_from_scene, rays, rng)
        shape = (rows, samples, lens.width, samples)
        strips.append(light.reshape(*shape, 3).mean((1, 3)))
        middle = samples // 2
        labels.append(room.label[patch.reshape(shape)[:, middle, :, middle]])
    return Exposure(np.concatenate(strips), np.concatenate(labels))


def _seen(
    room: Room,
    lights: Lights,
    baked: Baked,
    camera_from_scene: Array,
    rays: Array,
    rng: np.random.Generator,
) -> tuple[Floats, Ids]:
    """Radiance [M, 3] and patches [M] along `rays` [M, 2] of a camera."""
    rotation, shift = camera_from_scene[:3, :3], camera_from_scene[:3, 3]
    directions = np.concatenate([rays, np.ones((len(rays), 1))], 1)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    directions = (directions @ rotation).astype(np.float32)
    origins = np.broadcast_to(-rotation.T @ shift, directions.shape).astype(np.float32)
    hits = room.hit(origins, directions)
    patch = np.maximum(hits.patch, 0)
    albedo = room.albedo(patch, hits.u, hits.v)
    points = origins + directions * hits.distance[:, None]
    light = baked.soft.smooth(patch, hits.u, hits.v)
    light += _sunlight(room, lights, hits, patch, points, rng)
    radiance = albedo * (light / np.pi + room.glow[patch][:, None])
    glossy = np.flatnonzero(room.gloss[patch] > 0)
    radiance[glossy] += _mirrored(
        room, baked, points[glossy], hits.normal[glossy], directions[glossy], patch[glossy], rng
    )
    radiance[hits.patch < 0] = 0
    return radiance, patch


def _sunlight(
    room: Room, lights: Lights, hits: Hits, patch: Ids, points: Floats, rng: np.random.Generator
) -> Floats:
    """Irradiance [M, 3] of the sun; half of it passes through what is thin."""
    front = points + EPSILON * hits.normal
    light = from_sun(room, lights, front, hits.normal, 1, rng)
    thin = np.flatnonzero(room.thin[patch])
    behind, away = points[thin] - EPSILON * hits.normal[thin], -hits.normal[thin]
    light[thin] += from_sun(room, lights, behind, away, 1, rng)
    light[thin] *= 0.5
    return light


def _mirrored(
    room: Room,
    baked: Baked,
    points: Floats,
    normals: Floats,
    directions: Floats,
    patch: Ids,
    rng: np.random.Generator,
) -> Floats:
    """Radiance [M, 3] mirrored by varnish and glaze (Schlick's Fresnel term)."""
    directions, normals = np.repeat(directions, MIRRORED, 0), np.repeat(normals, MIRRORED, 0)
    points, patch = np.repeat(points, MIRRORED, 0), np.repeat(patch, MIRRORED)
    cosine = -(directions * normals).sum(1, keepdims=True)
    straight = directions + 2 * cosine * normals
    stray = rng.normal(size=straight.shape).astype(np.float32)
    way = straight + stray * room.roughness[patch][:, None]
    hits = room.hit(points + EPSILON * normals, way)
    other = np.maximum(hits.patch, 0)
    light = baked.total.smooth(other, hits.u, hits.v) / np.pi + room.glow[other][:, None]
    seen = room.albedo(other, hits.u, hits.v) * light
    seen[(hits.patch < 0) | ((way * normals).sum(1) <= 0)] = 0
    seen = np.minimum(seen, BRIGHTEST)
    base = room.gloss[patch][:, None]
    fresnel = base + (1 - base) * np.clip(1 - cosine, 0, 1) ** 5
    damped = 1 / (1 + 12 * room.roughness[patch][:, None])
    mirrored = seen * np.minimum(fresnel, base + 0.25) * damped
    return np.asarray(mirrored.reshape(-1, MIRRORED, 3).mean(1), np.float32)
