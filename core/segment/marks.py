"""The pixels that a prompt settles."""

import cv2
import numpy as np

from core.segment.protocol import Mask, Prompt, Signs, Stroke

FINER = 4  # binary digits of a pixel that OpenCV is told places in


def signs_of(prompt: Prompt, height: int, width: int) -> Signs:
    """[H, W]: 1 where `prompt` settles that the object is, -1 where it is not, 0 elsewhere.

    What was known comes first, strokes over it in their order, and points, of one pixel each,
    over those. The box and the mask so far settle nothing here.
    """
    known = prompt.known
    signs = np.zeros((height, width), np.int8) if known is None else known.astype(np.int8)
    if signs.shape != (height, width):
        raise ValueError(f"known pixels of {signs.shape} in a photo of {(height, width)}")
    for stroke in prompt.strokes:
        signs[painted(stroke, height, width)] = _sign(stroke.foreground)
    for (x, y), foreground in zip(np.floor(prompt.points), prompt.foreground, strict=True):
        if 0 <= x < width and 0 <= y < height:
            signs[int(y), int(x)] = _sign(bool(foreground))
    return signs


def painted(stroke: Stroke, height: int, width: int) -> Mask:
    """The pixels whose centre lies within `stroke.radius` of its path; at least those it meets."""
    canvas = np.zeros((height, width), np.uint8)
    if len(stroke.path) == 0:
        return canvas.astype(bool)
    # OpenCV's places are the pixels' centres.
    path = np.round((stroke.path - 0.5) * 2**FINER).astype(np.int32)
    thickness = max(1, round(2 * stroke.radius))
    cv2.polylines(canvas, [path[:, None]], False, 1, thickness, cv2.LINE_8, FINER)
    for place in path[[0, -1]]:
        radius = max(0, round(stroke.radius * 2**FINER))
        cv2.circle(canvas, place.tolist(), radius, 1, cv2.FILLED, cv2.LINE_8, FINER)
    return canvas.astype(bool)


def settled(mask: Mask, signs: Signs) -> Mask:
    """`mask` as `signs` will have it where they say something."""
    if not signs.any():
        return mask
    return (mask | (signs > 0)) & ~(signs < 0)


def shrunk_marks(marks: Mask, width: int, height: int) -> Mask:
    """`marks` in a picture of another size, where none is lost."""
    small = np.zeros((height, width), bool)
    rows = np.flatnonzero(marks.any(axis=1))
    # Few rows have marks as a rule: looking through all of a large photo takes long.
    y, x = np.nonzero(marks[rows])
    small[rows[y] * height // marks.shape[0], x * width // marks.shape[1]] = True
    return small


def _sign(foreground: bool) -> int:
    return 1 if foreground else -1
