"""Frames of a video that serve as photos: spread evenly over the camera's motion, and sharp."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.capture.pixels import Unusable
from core.progress import Progress

MOST_FRAMES = 60
# The picture may move by this part of its width from one chosen frame to the next: near enough
# for matching, far enough for parallax.
MOTION_PER_FRAME = 0.08
LOOKS_PER_SECOND = 15.0
LOOKED_SIDE = 320  # pixels
TRACKED_CORNERS = 100
# Frames are taken from this middle part of each stretch, so that neighbours keep their distance.
MIDDLE = 0.6

Grey = NDArray[np.uint8]


def choose_frames(video: Path, folder: Path, stem: str) -> Iterator[Progress | tuple[Path, ...]]:
    """Write the frames of `video` that serve best to `folder`; their paths come last.

    The way the picture travels is cut into equal stretches, at most
    `MOST_FRAMES`, and the sharpest frame in the middle of each is kept, upright,
    as `STEM-NUMBER.jpg`. A camera at rest adds nothing, so a video without
    motion gives one frame. Reads the video twice rather than keep it in memory.
    Raises `Unusable`.
    """
    numbers: list[int] = []
    travelled: list[float] = [0.0]
    sharpness: list[float] = []
    before: Grey | None = None
    for number, grey, progress in _looks(video):
        if before is not None:
            travelled.append(travelled[-1] + motion(before, grey))
        numbers.append(number)
        sharpness.append(float(cv2.Laplacian(grey, cv2.CV_32F).var()))
        before = grey
        yield progress
    if not numbers:
        raise Unusable("The video cannot be played, or holds no picture.")
    chosen = [numbers[i] for i in spread_choice(travelled, sharpness)]
    folder.mkdir(parents=True, exist_ok=True)
    yield from _written(video, chosen, folder, stem)


def motion(before: Grey, after: Grey) -> float:
    """How far the picture moved from `before` to `after` [h, w], as part of its width.

    The median travel of tracked corners; 0 where there are too few to tell.
    """
    corners = cv2.goodFeaturesToTrack(before, TRACKED_CORNERS, 0.01, 8)
    if corners is None or len(corners) < 8:
        return 0.0
    moved, found, _ = cv2.calcOpticalFlowPyrLK(before, after, corners, None)  # type: ignore[call-overload]
    steps = np.linalg.norm((moved - corners)[found.ravel() == 1].reshape(-1, 2), axis=1)
    return float(np.median(steps)) / before.shape[1] if len(steps) >= 8 else 0.0


def spread_choice(travelled: Sequence[float], sharpness: Sequence[float]) -> list[int]:
    """The sharpest look in each of equal stretches of the way; indices, rising.

    `travelled`: way up to each look, never falling, in widths of the picture.
    """
    way = np.asarray(travelled)
    count = int(np.clip(np.ceil(way[-1] / MOTION_PER_FRAME), 1, MOST_FRAMES))
    edges = np.linspace(0.0, way[-1], count + 1)
    chosen: list[int] = []
    for start, end in pairwise(edges):
        margin = (1 - MIDDLE) / 2 * (end - start)
        inside = np.flatnonzero((way >= start + margin) & (way <= end - margin))
        if len(inside) == 0:  # the picture jumped over the middle
            inside = np.array([int(np.argmin(np.abs(way - (start + end) / 2)))])
        best = int(inside[np.argmax(np.asarray(sharpness)[inside])])
        if best not in chosen:
            chosen.append(best)
    return sorted(chosen)


def _looks(video: Path) -> Iterator[tuple[int, Grey, Progress]]:
    """Some `LOOKS_PER_SECOND`: number, small grey picture [h, w], progress."""
    with _opened(video) as capture:
        total = max(0.0, float(capture.get(cv2.CAP_PROP_FRAME_COUNT)))
        rate = float(capture.get(cv2.CAP_PROP_FPS))
        every = max(1, round(rate / LOOKS_PER_SECOND)) if 0 < rate < 1000 else 3
        number = 0
        while capture.grab():
            if number % every == 0:
                readable, frame = capture.retrieve()
                if readable:
                    yield number, _small(frame), Progress("Watching the video", number, total)
            number += 1


def _small(frame: cv2.typing.MatLike) -> Grey:
    scale = min(1.0, LOOKED_SIDE / max(frame.shape[:2]))
    reduced = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(reduced, cv2.COLOR_BGR2GRAY), np.uint8)


def _written(
    video: Path, numbers: Sequence[int], folder: Path, stem: str
) -> Iterator[Progress | tuple[Path, ...]]:
    paths: list[Path] = []
    # Seeking lands on the wrong frame in many files; counting from the start does not.
    with _opened(video) as capture:
        for number in range(numbers[-1] + 1):
            if not capture.grab():
                break
            if number not in numbers:
                continue
            readable, frame = capture.retrieve()
            if readable:
                path = folder / f"{stem}-{number:05d}.jpg"
                rgb = cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
                Image.fromarray(rgb).save(path, quality=95, subsampling=0)
                paths.append(path)
                yield Progress("Taking frames", len(paths), len(numbers), path.name)
    yield tuple(paths)


@contextmanager
def _opened(video: Path) -> Iterator[cv2.VideoCapture]:
    capture = cv2.VideoCapture(str(video))
    try:
        capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)  # phones say "rotated" rather than rotate
        yield capture
    finally:
        capture.release()
