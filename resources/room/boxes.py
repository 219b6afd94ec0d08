"""Boxes with rounded edges, and the cushions that are made of them."""

from collections.abc import Mapping

import numpy as np

from resources.room.patches import Array, Material, Patch, sheet

FACES = {
    "right": (0, 1.0),
    "left": (0, -1.0),
    "top": (1, 1.0),
    "bottom": (1, -1.0),
    "front": (2, 1.0),
    "back": (2, -1.0),
}
"""Axis and side of each face; "front" looks along +z."""


def box(
    size: tuple[float, float, float],
    material: Material,
    *,
    radius: float = 0.004,
    bulge: float = 0.0,
    faces: Mapping[str, Material] | None = None,
    texel: float = 0.012,
) -> list[Patch]:
    """A box of `size` metres that stands on the origin, its edges rounded by `radius`.

    `bulge`: how far, in metres, the middle of each face swells outwards.
    `faces`: materials of single faces.
    """
    own = faces or {}
    half = np.asarray(size, np.float64) / 2
    radius = min(radius, 0.98 * float(half.min()))
    return [_face(half, name, own.get(name, material), radius, bulge, texel) for name in FACES]


def _face(
    half: Array, name: str, material: Material, radius: float, bulge: float, texel: float
) -> Patch:
    axis, side = FACES[name]
    normal = np.eye(3)[axis] * side
    down = np.array([0.0, 0.0, 1.0]) if axis == 1 else np.array([0.0, -1.0, 0.0])
    right = np.cross(normal, down)
    wide, tall = float(np.abs(half @ right)), float(np.abs(half @ down))
    x, y = _ticks(wide, radius, bulge), _ticks(tall, radius, bulge)
    on_box = normal * half[axis] + x[None, :, None] * right + y[:, None, None] * down
    core = np.clip(on_box, -(half - radius), half - radius)
    normals = on_box - core
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    swell = (1 - (x / wide) ** 2)[None, :, None] * (1 - (y / tall) ** 2)[:, None, None]
    points = core + radius * normals + bulge * swell * normal
    points[..., 1] += half[1]
    if bulge:
        normals = sheet(points, material).normals
    us, vs = (x + wide) / (2 * wide), (y + tall) / (2 * tall)
    return Patch(points, normals, us, vs, (2 * wide, 2 * tall), material, texel)


def _ticks(half: float, radius: float, bulge: float) -> Array:
    """Grid lines from -half to half: closer together where the edge is rounded."""
    bend = radius * np.tan(np.radians(np.linspace(0, 45, 5)))
    inside = np.linspace(0, half - radius, 9 if bulge else 2)
    positive = np.unique(np.concatenate([inside, half - radius + bend]))
    return np.concatenate([-positive[::-1], positive[1:]])


def pillow(width: float, height: float, thick: float, material: Material) -> list[Patch]:
    """A square pillow around the origin that looks along +z and -z."""
    s = np.sin(np.linspace(-np.pi / 2, np.pi / 2, 25))
    x, y = np.meshgrid(s, -s)
    swell = np.maximum((1 - x**2) * (1 - y**2), 0.0) ** 0.42
    pinch = 1 - 0.07 * (x**2 * y**2 < 0.5) * (1 - np.abs(np.abs(x) - np.abs(y)))
    front = np.stack([x * pinch * width / 2, y * pinch * height / 2, swell * thick / 2], -1)
    back = front[:, ::-1] * np.array([1.0, 1.0, -1.0])
    return [sheet(front, material), sheet(back, material)]
