"""Multi-view stereo on the processor: a plane sweep, slanted refinement, and photos that agree."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.dense.aggregate import along_columns, along_rows, winners
from core.dense.cameras import Array, Kernel, eye_of, landing, travel
from core.dense.consistency import agree
from core.dense.depth import DepthMap
from core.dense.pictures import Grey, grey_of, stacked
from core.dense.refine import costs_of, improve
from core.dense.sources import Range, choose, ranges, references
from core.dense.sweep import sweep
from core.geometry.camera import View
from core.progress import Progress

STAGE = "Measuring depth"
SAME = 0.05  # pixels that planes may differ by not to be told apart


@dataclass(frozen=True)
class StereoConfig:
    """How depth is measured.

    `longest`: pixels on the long side of a depth map; `coarse`: on that of the sweep.
    `cover`: how many depth maps a place is wanted in. `least_match`: ZNCC below which nothing
    is believed. `reach`: pixels, and `pixels_deep`: of disparity, within which photos agree.
    `speckle`: pixels of the smallest patch that is believed.
    """

    longest: int = 480
    coarse: int = 240
    radius: int = 2
    cover: int = 4
    refine: bool = True
    least_match: float = 0.3
    reach: float = 1.2
    pixels_deep: float = 0.5
    speckle: int = 60


@dataclass(frozen=True, eq=False)
class Guess:
    """What one photo says alone: planes [H, W, 3] (see `refine`), ZNCC [H, W]; w = 0 is unknown."""

    grey: Grey
    planes: Kernel
    match: Kernel


def stereo_depths(
    views: Sequence[View],
    photos: Sequence[Tensor],
    seen: Sequence[Array],
    stop: Callable[[], bool] = lambda: False,
    config: StereoConfig = StereoConfig(),
) -> Iterator[Progress | tuple[DepthMap, ...]]:
    """A `DepthSource`: depth from the photos themselves.

    Maps have their photo's shape with the long side at most `config.longest`. Of many photos,
    some are not measured where others show the same; their maps are unknown, as are those of
    photos that share nothing with others. The same input gives the same maps.
    """
    yield Progress(STAGE, 0, len(views))
    greys = [
        grey_of(photo, eye_of(view), config.longest)
        for view, photo in zip(views, photos, strict=True)
    ]
    points = [_finite(found) for found in seen]
    usable = [i for i, grey in enumerate(greys) if grey.eye.finite()]
    eyes = [greys[i].eye for i in usable]
    looks = ranges(eyes, [points[i] for i in usable])
    sources = choose(eyes, [points[i] for i in usable], looks)
    swept = references(eyes, [points[i] for i in usable], sources, config.cover)
    guesses: dict[int, Guess] = {}
    for done, k in enumerate(swept):
        yield Progress(STAGE, done, len(swept), f"photo {done + 1} of {len(swept)}")
        if stop():
            return
        helpers = [greys[usable[j]] for j in sources[k]]
        guesses[usable[k]] = guess(greys[usable[k]], helpers, looks[k], config)
    angles = angles_between(
        {i: guesses[i].grey for i in guesses}, [looks[k] for k in swept], [usable[k] for k in swept]
    )
    maps = []
    for i, grey in enumerate(greys):
        if i in guesses:
            maps.append(checked(i, guesses, angles, config))
        else:
            maps.append(DepthMap.unknown(*grey.pixels.shape))
    yield Progress(STAGE, len(swept), len(swept))
    yield tuple(maps)


def guess(grey: Grey, helpers: Sequence[Grey], look: Range, config: StereoConfig) -> Guess:
    """Depth of one photo by its sources, not yet checked against theirs."""
    coarse, few = grey.smaller(config.coarse), [h.smaller(config.coarse) for h in helpers]
    w = swept_depth(coarse, few, look, config.radius)
    planes = with_slopes(w)
    keep = (len(helpers) + 1) // 2
    height, width = grey.pixels.shape
    if config.refine:
        planes, _ = refined(coarse, few, keep, planes, look, turns=2, around=8)
    planes = enlarged(planes, width, height)
    if config.refine:
        planes, costs = refined(grey, helpers, keep, planes, look, turns=2, around=8)
    else:
        planes, costs = refined(grey, helpers, keep, planes, look, turns=0, around=8)
    return Guess(grey, planes, (1 - costs).astype(np.float32))


def swept_depth(grey: Grey, sources: Sequence[Grey], look: Range, radius: int) -> Kernel:
    """Inverse depth [H, W] by a plane sweep, aggregated; 0 where it lies beyond the planes."""
    steps = max(travel(grey.eye, source.eye, look.low, look.high) for source in sources)
    count = int(np.clip(np.ceil(steps) + 1, 32, 192))
    depths = np.linspace(look.low, look.high, count).astype(np.float32)
    side, edge = (2 * radius + 1,) * 2, cv2.BORDER_REPLICATE
    means = cv2.boxFilter(grey.pixels, -1, side, borderType=edge)
    squares = cv2.boxFilter(grey.pixels * grey.pixels, -1, side, borderType=edge)
    variances = np.maximum(squares - means * means, 0)
    costs = np.empty((*grey.pixels.shape, count), np.uint8)
    s = stacked(grey.eye, sources)
    keep = (len(sources) + 1) // 2
    views = (s.words, s.shape, s.sizes, s.maps)
    sweep(grey.pixels, means, variances, views, depths, keep, radius, costs)
    totals = np.zeros((2, *costs.shape), np.float32)
    along_rows(costs, grey.pixels, totals[0])
    along_columns(costs, grey.pixels, totals)
    found = np.empty(grey.pixels.shape, np.float32)
    winners(totals, depths[0], depths[1] - depths[0], found)
    return found


def with_slopes(w: Kernel) -> Kernel:
    """Planes [H, W, 3] through inverse depths [H, W]: the smaller of the slopes to both sides."""
    known = w > 0
    filled = np.where(known, w, np.median(w[known]) if known.any() else 0).astype(np.float32)
    smooth = cv2.medianBlur(filled, 5)
    slopes = []
    for axis in (1, 0):
        pad = [(2, 2) if k == axis else (0, 0) for k in (0, 1)]
        wide = np.pad(smooth, pad, mode="edge")
        side = smooth.shape[axis]
        before, after = (np.take(wide, np.arange(side) + k, axis) for k in (0, 4))
        one, two = (smooth - before) / 2, (after - smooth) / 2
        least = np.where(np.abs(one) < np.abs(two), one, two)
        slopes.append(np.where(one * two > 0, least, 0))
    return np.ascontiguousarray(np.stack([smooth, *slopes], -1), np.float32)


def enlarged(planes: Kernel, width: int, height: int) -> Kernel:
    """`planes` for a picture of another size: each pixel has the plane of the nearest."""
    tall, wide = planes.shape[:2]
    x = (np.arange(width) + 0.5) * wide / width - 0.5
    y = (np.arange(height) + 0.5) * tall / height - 0.5
    i = np.clip(np.rint(x).astype(int), 0, wide - 1)
    j = np.clip(np.rint(y).astype(int), 0, tall - 1)
    near = planes[j[:, None], i]
    w = near[..., 0] + near[..., 1] * (x - i) + near[..., 2] * (y - j)[:, None]
    slopes = near[..., 1:] * [wide / width, tall / height]
    return np.ascontiguousarray(np.dstack([w, slopes]), np.float32)


def refined(
    grey: Grey,
    sources: Sequence[Grey],
    keep: int,
    planes: Kernel,
    look: Range,
    turns: int,
    around: int,
) -> tuple[Kernel, Kernel]:
    """Better planes [H, W, 3] and their costs [H, W], 1 - ZNCC."""
    camera = grey.eye.camera
    numbers = np.array([camera.fx, camera.fy, camera.cx - 0.5, camera.cy - 0.5], np.float32)
    wide = look.high - look.low
    low, high = max(look.low - 0.1 * wide, look.low * 0.5), look.high + 0.1 * wide
    s = stacked(grey.eye, sources)
    views = (s.words, s.shape, s.sizes, s.maps, numbers, np.float32(low), np.float32(high))
    pixel = wide / max(travel(grey.eye, source.eye, look.low, look.high) for source in sources)
    planes, costs = planes.copy(), np.empty(grey.pixels.shape, np.float32)
    costs_of(grey.pixels, views, keep, planes, costs)
    for turn in range(turns):
        reach = np.float32(pixel * 0.5**turn)
        for color in (0, 1):
            improve(
                grey.pixels, views, keep, planes, costs, color, around, 3, reach,
                np.float32(SAME * pixel), 2 * turn + color,
            )  # fmt: skip
    return planes, costs


def checked(
    i: int, guesses: dict[int, Guess], angles: dict[tuple[int, int], float], config: StereoConfig
) -> DepthMap:
    """The depth of photo i where other photos agree."""
    mine = guesses[i]
    believed = {k: g.match > config.least_match for k, g in guesses.items()}
    shape = mine.match.shape
    counts, votes = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
    sums, angle = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for k, other in guesses.items():
        if k == i or angles.get((i, k), 0.0) <= 0:
            continue
        there = landing(mine.grey.eye, other.grey.eye).astype(np.float32)
        back = landing(other.grey.eye, mine.grey.eye).astype(np.float32)
        before = counts.copy()
        deep = np.clip(config.pixels_deep / angles[i, k], 0.006, 0.02)
        agree(
            mine.planes, believed[i], other.planes, believed[k], there, back,
            np.float32(config.reach), np.float32(deep), back[2], counts, sums, votes,
        )  # fmt: skip
        angle = np.where(counts > before, np.maximum(angle, angles[i, k]), angle).astype(np.float32)
    needed = np.where(votes <= 2, 1, 2)
    kept = believed[i] & (counts >= needed) & (2 * counts > votes - counts)
    kept &= ~_speckles(kept, mine.planes[..., 0], config.speckle)
    confidence = np.clip((mine.match - 0.3) / 0.6, 0, 1) * (1 - 0.5**counts)
    confidence *= 1 - np.exp(-angle / 8)
    confidence = np.where(kept, confidence, 0).astype(np.float32)
    return _as_map(mine, kept, confidence)


def _as_map(guess: Guess, kept: NDArray[np.bool_], confidence: Kernel) -> DepthMap:
    camera = guess.grey.eye.camera
    w, gx, gy = np.moveaxis(guess.planes, -1, 0)
    height, width = w.shape
    x, y = np.arange(width) + 0.5 - camera.cx, (np.arange(height) + 0.5 - camera.cy)[:, None]
    across = np.stack([gx * camera.fx, gy * camera.fy, w - gx * x - gy * y], -1)
    normal = -across / np.maximum(np.linalg.norm(across, axis=-1, keepdims=True), 1e-20)
    depth = np.where(kept, 1 / np.where(kept, w, 1), 0).astype(np.float32)
    normal = np.where(kept[..., None], normal, 0).astype(np.float32)
    return DepthMap(*(torch.from_numpy(part) for part in (depth, normal, confidence)))


def _speckles(kept: NDArray[np.bool_], w: Kernel, least: int) -> NDArray[np.bool_]:
    """Pixels of patches smaller than `least`."""
    mask = kept.astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    small: NDArray[np.bool_] = stats[labels, cv2.CC_STAT_AREA] < least
    return small


def angles_between(
    greys: dict[int, Grey], looks: Sequence[Range], photos: Sequence[int]
) -> dict[tuple[int, int], float]:
    """Pixels that a pixel of i moves in j as its depth doubles; 0 where that is too little.

    For each i of `photos`, whose depths lie in `looks`, and each other j of `greys`.
    """
    found = {}
    for i, look in zip(photos, looks, strict=True):
        middle = 0.5 * (look.low + look.high)
        for j, other in greys.items():
            if j != i:
                moved = travel(greys[i].eye, other.eye, look.low, look.high)
                found[i, j] = 0.0 if moved < 3 else moved / (look.high - look.low) * middle
    return found


def _finite(points: Array) -> Array:
    points = np.asarray(points, np.float64).reshape(-1, 3)
    return points[np.isfinite(points).all(1)]
