"""Small pictures for the tests of photos, and finding them."""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from core.capture.find import find_photos
from core.capture.photos import Capture
from core.progress import Progress

RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 200, 30), (30, 30, 220), (220, 220, 30)


def quarters(width: int = 160, height: int = 96) -> Image.Image:
    """Red, green over blue, yellow: shows which way up it is."""
    pixels = np.zeros((height, width, 3), np.uint8)
    h, w = height // 2, width // 2
    pixels[:h, :w], pixels[:h, w:], pixels[h:, :w], pixels[h:, w:] = RED, GREEN, BLUE, YELLOW
    return Image.fromarray(pixels)


def texture(seed: int = 0, width: int = 320, height: int = 240) -> Image.Image:
    noise = np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)
    return Image.fromarray(cv2.GaussianBlur(noise, (0, 0), 1.5)).point(lambda v: (v - 96) * 4)


def find(*paths: Path, work: Path | None = None) -> Capture:
    *steps, capture = find_photos(paths, work or paths[0].parent / "work")
    assert all(isinstance(step, Progress) for step in steps)
    assert isinstance(capture, Capture)
    return capture


def reason(capture: Capture, name: str) -> str:
    return {file.name: file.reason for file in capture.left_out}[name]


def corners(pixels: np.ndarray) -> list[tuple[int, ...]]:
    """The colours of the quarters, roughly, in reading order."""
    h, w = pixels.shape[:2]
    places = [
        (h // 4, w // 4),
        (h // 4, 3 * w // 4),
        (3 * h // 4, w // 4),
        (3 * h // 4, 3 * w // 4),
    ]
    nearest = [RED, GREEN, BLUE, YELLOW]
    return [
        min(nearest, key=lambda c: int(np.abs(pixels[y, x].astype(int) - c).sum()))
        for y, x in places
    ]
