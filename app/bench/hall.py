"""Photos of a long hall that is not there: as many as wanted, for measuring the pose solver.

A walk along the hall with a look to one wall, so that each photo overlaps with the same number of
others however many there are.
"""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

WIDTH, HEIGHT, FOCAL = 640, 480, 480.0  # pixels
STEP = 0.25  # metres from photo to photo
HALL = (4.0, 3.0)  # metres wide and high; it is as long as the walk
BOX_EVERY = 1.2  # metres of hall for each box that stands in it
REACH = 6.0  # metres along the hall within which boxes can be seen
TEXELS = 160  # a metre


def write_photos(folder: Path, count: int, seed: int = 0) -> Iterator[Path]:
    """Draw `count` photos into `folder`, one at a time; the path of each, in order of the walk."""
    random = np.random.default_rng(seed)
    length = STEP * count + 8.0
    boxes = [(np.zeros(3), np.array([length, HALL[1], HALL[0]]))]
    for middle in np.arange(1.0, length - 1.0, BOX_EVERY):
        size = random.uniform((0.3, 0.4, 0.3), (0.9, 1.6, 0.7))
        corner = np.array([middle + random.uniform(-0.4, 0.4), 0.0, random.uniform(0.0, 1.2)])
        boxes.append((corner, corner + size))
    texture = _texture(random)
    for i, camera in enumerate(_walk(count, random)):
        x = camera[0, 3]
        near = {k: box for k, box in enumerate(boxes) if abs(box[0][0] - x) < REACH or k == 0}
        picture = _drawn(camera, near, texture)
        noisy = picture + random.normal(0.0, 1.5, picture.shape)
        path = folder / f"hall_{i:04d}.png"
        cv2.imwrite(str(path), np.clip(noisy, 0, 255).astype(np.uint8))
        yield path


def _walk(count: int, random: np.random.Generator) -> Iterator[Array]:
    """`scene_from_camera` [4, 4]: x along the hall, y up, towards the wall at z = 0."""
    for i in range(count):
        turn, nod = 0.35 * np.sin(0.7 * i) + random.uniform(-0.03, 0.03), random.uniform(-0.08, 0.0)
        forward = np.array([np.sin(turn), nod, -np.cos(turn)])
        forward /= np.linalg.norm(forward)
        right = np.cross(forward, (0.0, 1.0, 0.0))
        right /= np.linalg.norm(right)
        camera = np.eye(4)
        camera[:3, :3] = np.stack([right, np.cross(forward, right), forward], axis=1)
        camera[:3, 3] = (
            4.0 + STEP * i,
            1.5 + random.uniform(-0.1, 0.1),
            3.2 + 0.4 * np.sin(0.23 * i),
        )
        yield camera


def _texture(random: np.random.Generator) -> NDArray[np.float32]:
    """Blotches of all sizes [2048, 2048, 3] in [0, 255], as of old plaster and posters."""
    side = 2048
    picture = np.zeros((side, side, 3), np.float32)
    for cells in (12, 40, 130, 400):
        coarse = random.uniform(-1.0, 1.0, (cells, cells, 3)).astype(np.float32)
        picture += cells**-0.3 * cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
    for _ in range(1500):
        x, y = random.integers(0, side, 2).tolist()
        wide, tall = random.integers(4, 60, 2).tolist()
        picture[y : y + tall, x : x + wide] += random.uniform(-1.5, 1.5, 3)
    low, high = np.percentile(picture, (1, 99))
    return np.asarray(np.clip((picture - low) / (high - low), 0, 1) * 255, np.float32)


def _drawn(
    camera: Array, near: dict[int, tuple[Array, Array]], texture: NDArray[np.float32]
) -> NDArray[np.float32]:
    """What `camera` sees, [H, W, 3]: the hall, which is box 0, from inside, others from outside."""
    x, y = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    rays = np.stack([(x - WIDTH / 2) / FOCAL, (y - HEIGHT / 2) / FOCAL, np.ones_like(x)], -1)
    rays = rays @ camera[:3, :3].T
    rays[np.abs(rays) < 1e-9] = 1e-9
    eye = camera[:3, 3]
    best = np.full(x.shape, np.inf)
    axis, which = np.zeros(x.shape, np.int64), np.zeros(x.shape, np.int64)
    for k, (low, high) in near.items():
        first, last = (low - eye) / rays, (high - eye) / rays
        enter, leave = np.minimum(first, last), np.maximum(first, last)
        inside = k == 0
        hit = leave.min(axis=-1) if inside else enter.max(axis=-1)
        met = (hit > 0) & (hit < best) & ((enter.max(axis=-1) < leave.min(axis=-1)) | inside)
        side = leave.argmin(axis=-1) if inside else enter.argmax(axis=-1)
        best = np.where(met, hit, best)
        axis, which = np.where(met, side, axis), np.where(met, k, which)
    return _coloured(eye + best[..., None] * rays, axis, which, texture)


def _coloured(
    points: Array, axis: NDArray[np.int64], which: NDArray[np.int64], texture: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The texture at `points`, another part of it for each side of each box and of the hall."""
    along = np.where(axis == 0, points[..., 2], points[..., 0])
    up = np.where(axis == 1, points[..., 2], points[..., 1])
    u = TEXELS * along + 613.0 * which + 211.0 * axis
    # Rows of the texture change along the hall, or it would repeat itself.
    v = TEXELS * up + 397.0 * which + 500.0 * axis + 700.0 * np.floor(u / 2048)
    return np.asarray(
        cv2.remap(
            texture,
            np.mod(u, 2048).astype(np.float32),
            np.mod(v, 2048).astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_WRAP,
        ),
        np.float32,
    )
