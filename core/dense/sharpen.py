"""Depths that are roughly known, as the photos themselves have them."""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from torch import Tensor

from core.dense.cameras import Array, Kernel, eye_of
from core.dense.pictures import Grey, grey_of
from core.dense.sources import choose, ranges, references
from core.dense.stereo import (
    Guess,
    StereoConfig,
    angles_between,
    checked,
    enlarged,
    refined,
    with_slopes,
)
from core.geometry.camera import View, unproject
from core.progress import Progress

STAGE = "Measuring surfaces"
SOURCES = 6  # photos that one is compared with
LONGEST = 1280  # pixels: smaller photos are compared at twice their size, up to this one
APART = 12  # pixels between the points that photos to compare with are chosen by
TURNS = 2  # of refinement at the photo's size; one more where it is enlarged
CONFIG = StereoConfig()


def sharpened(
    views: Sequence[View], photos: Sequence[Tensor], rough: Sequence[Tensor]
) -> Iterator[Progress | tuple[Kernel, ...]]:
    """The depth [H, W] that photos agree on near the `rough` ones [H, W], 0 where they do not.

    The maps come last, as large as their photos, uint8 [H, W, 3]. Photos compare windows of some
    pixels (`refine`), so that what is small is found on enlarged photos only. Where many photos
    show the same, some are not measured.
    """
    greys = [
        grey_of(photo, eye_of(view), LONGEST) for view, photo in zip(views, photos, strict=True)
    ]
    eyes = [grey.eye for grey in greys]
    points = [_points(depth, view) for depth, view in zip(rough, views, strict=True)]
    looks = ranges(eyes, points)
    sources = choose(eyes, points, looks, SOURCES)
    measured = references(eyes, points, sources, CONFIG.cover)
    guesses: dict[int, Guess] = {}
    for done, i in enumerate(measured):
        yield Progress(STAGE, done, len(measured), f"photo {done + 1} of {len(measured)}")
        helpers = [greys[j] for j in sources[i]]
        keep = (len(helpers) + 1) // 2
        planes = with_slopes(_inverse(rough[i], greys[i]))
        planes, costs = refined(greys[i], helpers, keep, planes, looks[i], TURNS, around=8)
        fine, times = _larger(greys[i])
        if times > 1:
            planes = enlarged(planes, *fine.pixels.shape[::-1])
            larger = [_larger(helper)[0] for helper in helpers]
            planes, costs = refined(fine, larger, keep, planes, looks[i], 1, around=8)
        guesses[i] = Guess(fine, planes, (1 - costs).astype(np.float32))
    angles = angles_between(
        {i: guess.grey for i, guess in guesses.items()}, [looks[i] for i in measured], measured
    )
    found = []
    for i, depth in enumerate(rough):
        height, width = depth.shape
        known = np.zeros((height, width), np.float32)
        if i in guesses:
            times = _larger(greys[i])[1]
            config = StereoConfig(reach=CONFIG.reach * times, speckle=CONFIG.speckle * times)
            known = _reduced(checked(i, guesses, angles, config).depth.numpy(), width, height)
        found.append(known)
    yield Progress(STAGE, len(measured), len(measured))
    yield tuple(found)


def _points(depth: Tensor, view: View) -> Array:
    """Points [K, 3] that are seen, some pixels apart."""
    points = unproject(depth, view)[::APART, ::APART]
    return np.asarray(points[depth[::APART, ::APART] > 0].double().numpy())


def _inverse(depth: Tensor, grey: Grey) -> Kernel:
    """Inverse depth for `grey`; 0 where nothing is known."""
    inverse = np.where(depth.numpy() > 0, 1 / np.maximum(depth.numpy(), 1e-9), 0)
    height, width = grey.pixels.shape
    return _resized(inverse.astype(np.float32), width, height)


def _larger(grey: Grey) -> tuple[Grey, int]:
    """Twice as large, if that is not too large; and how many times as large it is."""
    height, width = grey.pixels.shape
    if 2 * max(height, width) > LONGEST:
        return grey, 1
    width, height = 2 * width, 2 * height
    pixels = cv2.resize(grey.pixels, (width, height), interpolation=cv2.INTER_CUBIC)
    return Grey(np.asarray(pixels, np.float32), grey.eye.resized(width, height)), 2


def _reduced(depth: Kernel, width: int, height: int) -> Kernel:
    """`depth` as large as the photo: the median of those in a pixel, if half of them are known."""
    if depth.shape != (2 * height, 2 * width):
        return _resized(depth, width, height)
    four = np.sort(np.stack([depth[a::2, b::2] for a in (0, 1) for b in (0, 1)]), axis=0)
    count = (four > 0).sum(axis=0)  # unknown ones are 0 and come first
    first = np.minimum(4 - count, 2)
    ends = np.stack([first + (count - 1).clip(1) // 2, first + count.clip(2) // 2])
    middle = np.take_along_axis(four, ends, axis=0).mean(axis=0)
    return np.asarray(np.where(count > 1, middle, 0), np.float32)


def _resized(pixels: Kernel, width: int, height: int) -> Kernel:
    """Each pixel the nearest of `pixels`."""
    found = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(found, np.float32)
