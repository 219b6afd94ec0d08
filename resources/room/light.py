"""Light that looks the same from everywhere, baked once: sky, sun, lamp, and what they bounce."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from resources.room.atlas import Atlas, packed
from resources.room.noise import Floats
from resources.room.patches import Array, Patch
from resources.room.tracer import EPSILON, Room

BATCH = 1 << 20
"""Rays shot at once."""

NEAR_LAMP = 0.5
"""Square of the metres below which the bulb's light grows no stronger; its shade would glare."""


@dataclass(frozen=True, eq=False)
class Lights:
    """What shines, scene frame, metres, linear light.

    `window`: a corner and two edges [3, 3] of the opening. `sky` and `ground`:
    radiance [3] seen through it upwards and downwards. `to_sun` [3]: unit
    vector; `sun`: irradiance [3] at right angles; `sun_spread`: radius of its
    disc as a tangent. `bulb`: centre [3]; `bulb_radius`; `lamp`: intensity [3].
    """

    window: Array
    sky: Floats
    ground: Floats
    to_sun: Floats
    sun: Floats
    sun_spread: float
    bulb: Floats
    bulb_radius: float
    lamp: Floats


@dataclass(frozen=True, eq=False)
class Effort:
    """Rays a texel: squares of whole numbers for `window`; any for the others."""

    window: int = 64
    lamp: int = 8
    sun: int = 12
    bounce: int = 72
    bounces: int = 3


@dataclass(frozen=True, eq=False)
class Texels:
    """Points on all patches where light is measured: [N, 3] each; `owner` [N] patch ids."""

    points: Floats
    normals: Floats
    owner: NDArray[np.int64]
    shapes: list[tuple[int, int]]
    u: Floats
    v: Floats


@dataclass(frozen=True, eq=False)
class Baked:
    """Irradiance [N, 3] of each texel: `soft` without the sun's own light, `total` with it."""

    soft: Atlas
    total: Atlas


def bake(room: Room, lights: Lights, effort: Effort, coarser: float, seed: int) -> Baked:
    """Irradiance all over the room; texels are `coarser` times what the patches ask for."""
    rng = np.random.default_rng(seed)
    texels = spread(room.patches, coarser)
    albedo = room.albedo(texels.owner, texels.u, texels.v)
    glow = albedo * room.glow[texels.owner][:, None]
    thin = room.thin[texels.owner]
    direct = np.zeros_like(albedo)
    sun = np.zeros_like(albedo)
    for some, sign in _sides(thin):
        points = texels.points[some] + EPSILON * sign * texels.normals[some]
        normals = sign * texels.normals[some]
        direct[some] += from_window(room, lights, points, normals, effort.window, rng)
        direct[some] += from_lamp(room, lights, points, normals, effort.lamp, rng)
        sun[some] += from_sun(room, lights, points, normals, effort.sun, rng)
    halves = np.where(thin, 0.5, 1.0).astype(np.float32)[:, None]
    direct, sun = _smoothed(direct * halves, texels.shapes), sun * halves
    index = packed([np.zeros((h, w, 1), np.float32) for h, w in texels.shapes])
    bounced = np.zeros_like(direct)
    for _ in range(effort.bounces):
        radiance = glow + albedo / np.pi * (direct + sun + bounced)
        bounced = np.zeros_like(direct)
        for some, sign in _sides(thin):
            points = texels.points[some] + EPSILON * sign * texels.normals[some]
            normals = sign * texels.normals[some]
            bounced[some] += _gathered(room, index, radiance, points, normals, effort.bounce, rng)
        bounced = _smoothed(bounced * halves, texels.shapes)
    soft = direct + bounced
    return Baked(_atlas(soft, texels.shapes), _atlas(soft + sun, texels.shapes))


def spread(patches: list[Patch], coarser: float) -> Texels:
    """Texels over all patches, in the middle of their cells."""
    points, normals, owner, shapes, us, vs = [], [], [], [], [], []
    for k, patch in enumerate(patches):
        step = patch.texel * coarser
        wide = max(3, int(np.ceil(patch.size[0] / step)))
        tall = max(3, int(np.ceil(patch.size[1] / step)))
        u, v = (np.arange(wide) + 0.5) / wide, (np.arange(tall) + 0.5) / tall
        points.append(_between(patch.points, patch, u, v))
        normals.append(_between(patch.normals, patch, u, v))
        owner.append(np.full(tall * wide, k, np.int64))
        shapes.append((tall, wide))
        grid_u, grid_v = np.meshgrid(u, v)
        us.append(grid_u.ravel())
        vs.append(grid_v.ravel())
    normal = np.concatenate(normals)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    return Texels(
        np.concatenate(points).astype(np.float32),
        normal.astype(np.float32),
        np.concatenate(owner),
        shapes,
        np.concatenate(us).astype(np.float32),
        np.concatenate(vs).astype(np.float32),
    )


def _between(grid: Array, patch: Patch, u: Array, v: Array) -> Array:
    """`grid` [V, U, 3] of `patch` read at u and v: [len(v) * len(u), 3]."""
    i = np.clip(np.searchsorted(patch.us, u) - 1, 0, len(patch.us) - 2)
    j = np.clip(np.searchsorted(patch.vs, v) - 1, 0, len(patch.vs) - 2)
    a = ((u - patch.us[i]) / (patch.us[i + 1] - patch.us[i]))[None, :, None]
    b = ((v - patch.vs[j]) / (patch.vs[j + 1] - patch.vs[j]))[:, None, None]
    rows = grid[j] * (1 - b) + grid[j + 1] * b
    return np.asarray((rows[:, i] * (1 - a) + rows[:, i + 1] * a).reshape(-1, 3))


def _sides(thin: NDArray[np.bool_]) -> list[tuple[NDArray[np.int64], float]]:
    """Which texels are lit from the front, and which from behind as well."""
    return [(np.arange(len(thin)), 1.0), (np.flatnonzero(thin), -1.0)]


def from_window(
    room: Room, lights: Lights, points: Floats, normals: Floats, rays: int, rng: np.random.Generator
) -> Floats:
    """Irradiance [N, 3] that the sky behind the window gives to `points`."""
    corner, first, second = lights.window
    area_normal = np.cross(first, second)
    area = float(np.linalg.norm(area_normal))
    area_normal = area_normal / area
    side = round(np.sqrt(rays))
    cell = np.stack(np.meshgrid(np.arange(side), np.arange(side)), -1).reshape(-1, 2)

    def estimate(some: slice) -> Floats:
        n = len(points[some])
        spot = (cell + rng.uniform(0, 1, (n, side * side, 2))) / side
        target = corner + spot[..., :1] * first + spot[..., 1:] * second
        way = (target - points[some][:, None]).astype(np.float32)
        square = (way**2).sum(-1)
        unit = way / np.sqrt(square)[..., None]
        here = np.maximum((unit * normals[some][:, None]).sum(-1), 0)
        there = np.abs(unit @ area_normal.astype(np.float32))
        weight = here * there / square * (area / (side * side))
        weight *= _open_where(room, points[some], way, weight > 0)
        up = np.clip(unit[..., 1:2] * 2.5 + 0.5, 0, 1)
        return (weight[..., None] * (lights.ground + (lights.sky - lights.ground) * up)).sum(1)

    return _in_batches(estimate, len(points), side * side)


def from_lamp(
    room: Room, lights: Lights, points: Floats, normals: Floats, rays: int, rng: np.random.Generator
) -> Floats:
    """Irradiance [N, 3] straight from the bulb."""

    def estimate(some: slice) -> Floats:
        n = len(points[some])
        ball = rng.normal(size=(n, rays, 3))
        ball *= lights.bulb_radius / np.linalg.norm(ball, axis=-1, keepdims=True)
        way = (lights.bulb + ball - points[some][:, None]).astype(np.float32)
        square = (way**2).sum(-1)
        here = np.maximum((way * normals[some][:, None]).sum(-1), 0) / np.sqrt(square)
        weight = here / np.maximum(square, NEAR_LAMP) / rays
        weight *= _open_where(room, points[some], way, weight > 1e-4)
        return weight.sum(1)[:, None] * lights.lamp

    return _in_batches(estimate, len(points), rays)


def from_sun(
    room: Room, lights: Lights, points: Floats, normals: Floats, rays: int, rng: np.random.Generator
) -> Floats:
    """Irradiance [N, 3] of the sun, its disc taken at `rays` random spots for each point."""

    def estimate(some: slice) -> Floats:
        n = len(points[some])
        stray = rng.normal(size=(n, rays, 3)) * (lights.sun_spread / np.sqrt(2))
        way = (lights.to_sun + stray).astype(np.float32)
        here = np.maximum((way * normals[some][:, None]).sum(-1), 0) / rays
        here *= _open_where(room, points[some], way * 50.0, here > 0)
        return here.sum(1)[:, None] * lights.sun

    return _in_batches(estimate, len(points), rays)


def _gathered(
    room: Room,
    index: Atlas,
    radiance: Floats,
    points: Floats,
    normals: Floats,
    rays: int,
    rng: np.random.Generator,
) -> Floats:
    """Irradiance [N, 3] of light that left other surfaces."""

    def estimate(some: slice) -> Floats:
        n = len(points[some])
        ball = rng.normal(size=(n, rays, 3)).astype(np.float32)
        ball /= np.linalg.norm(ball, axis=-1, keepdims=True)
        way = (ball + normals[some][:, None] * 1.0001).reshape(-1, 3)
        hits = room.hit(np.repeat(points[some], rays, axis=0), way, solid=True)
        found = hits.patch >= 0
        texel = index.index(np.maximum(hits.patch, 0), hits.u, hits.v)
        seen = np.where(found[:, None], radiance[texel], 0)
        return seen.reshape(n, rays, 3).mean(1) * np.float32(np.pi)

    return _in_batches(estimate, len(points), rays)


def _open_where(room: Room, points: Floats, way: Floats, matters: NDArray[np.bool_]) -> Floats:
    """1 where the way from a point to its light is free; 0 where not, or where it is no matter."""
    free = np.zeros(matters.shape, np.float32)
    starts = np.broadcast_to(points[:, None], way.shape)[matters]
    free[matters] = room.open(starts, way[matters], 1.0)
    return free


def _in_batches(estimate: Callable[[slice], Floats], count: int, rays: int) -> Floats:
    """`estimate` of slices of `count` points, as many at a time as BATCH rays allow."""
    step = max(1, BATCH // rays)
    parts = [estimate(slice(i, i + step)) for i in range(0, count, step)]
    return np.concatenate(parts).astype(np.float32) if parts else np.zeros((0, 3), np.float32)


def _smoothed(values: Floats, shapes: list[tuple[int, int]]) -> Floats:
    """`values` [N, 3] blurred by one texel inside each patch, which takes the ray noise away."""
    answer, start = np.empty_like(values), 0
    for tall, wide in shapes:
        stop = start + tall * wide
        grid = values[start:stop].reshape(tall, wide, 3)
        answer[start:stop] = gaussian_filter(grid, (0.9, 0.9, 0), mode="nearest").reshape(-1, 3)
        start = stop
    return answer


def _atlas(values: Floats, shapes: list[tuple[int, int]]) -> Atlas:
    grids, start = [], 0
    for tall, wide in shapes:
        grids.append(values[start : start + tall * wide].reshape(tall, wide, 3))
        start += tall * wide
    return packed(grids)
