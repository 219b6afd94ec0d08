"""Objects cut out of pictures: by their masks, or off the plain ground that they are drawn on."""

import cv2
import numpy as np
from numpy.typing import NDArray

from core.errors import UserError

Picture = NDArray[np.uint8]
Pixels = NDArray[np.bool_]

SIDE, MARGIN = 512, 0.08  # pixels of a square cut-out; of its side, left free around the object
PLAIN = 8.0  # of 255: what differs less from the ground is the ground
RIM = 3  # pixels: how far the ground runs into an object's edge
THIN = 0.1  # of a pixel: colours of less are not made out
PART = 0.02  # of the largest piece: smaller ones are specks
LEAST, MOST = 0.002, 0.98  # of a picture: an object takes up less, or more, of no card


def cut_out(photo: Picture, mask: Pixels) -> Picture:
    """The box [h, w, 4] of `mask` [H, W] in `photo` [H, W, 3], RGBA."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    alpha = np.where(mask[box], 255, 0).astype(np.uint8)
    return np.dstack([photo[box], alpha])


def squared(picture: Picture, seen: Pixels | None = None) -> Picture:
    """What stands on the plain ground of `picture` [H, W, 3], as a square [512, 512, 4], RGBA.

    `seen` as in `off_ground`. Raises `UserError` where nothing does, or no ground is left.
    """
    cut = off_ground(picture, seen)
    share = float((cut[..., 3] > 127).mean())
    if not LEAST < share < MOST:
        what = "an empty card" if share <= LEAST else "a card that is painted all over"
        raise UserError(
            f"The editor answered with {what}.", hint="Try again with another seed or editor."
        )
    return square(cut_out(cut[..., :3], cut[..., 3] > 0), cut[..., 3])


def square(box: Picture, alpha: Picture | None = None) -> Picture:
    """`box` [h, w, 4] in the middle of a square [512, 512, 4], with a margin.

    `alpha` [H, W]: the picture's whole one, whose box it is, where that is softer than its own.
    """
    if alpha is not None:
        box = np.dstack([box[..., :3], cut_out(np.dstack([alpha] * 3), alpha > 0)[..., 0]])
    room = SIDE * (1 - 2 * MARGIN)
    scale = room / max(box.shape[:2])
    tall, wide = (max(1, round(scale * side)) for side in box.shape[:2])
    share = box[..., 3:].astype(np.float32) / 255
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    laid = np.concatenate([box[..., :3] * share, share], axis=2)
    small = cv2.resize(laid, (wide, tall), interpolation=kind)
    color = small[..., :3] / np.maximum(small[..., 3:], 1e-6)
    answer = np.zeros((SIDE, SIDE, 4), np.uint8)
    top, left = (SIDE - tall) // 2, (SIDE - wide) // 2
    there = answer[top : top + tall, left : left + wide]
    there[:] = np.clip(np.dstack([color, 255 * small[..., 3]]) + 0.5, 0, 255)
    return answer


def off_ground(picture: Picture, seen: Pixels | None = None) -> Picture:
    """`picture` [H, W, 3] without the plain ground that reaches its edges, RGBA [H, W, 4].

    Beside the ground, alpha is how much a pixel differs from it, of what those around do, and the
    ground's part is taken out of its colour. Ground within the object stays, since that may be
    white itself; but where it is mostly not in `seen` [H, W], it is a hole.
    """
    ground = _ground(picture)
    apart = np.abs(picture.astype(np.float32) - ground).max(axis=2)
    outside = _outside(apart < PLAIN, seen)
    around = np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8)
    alpha = apart / np.maximum(cv2.dilate(apart, around), 1)
    # Soft beside the ground alone; what is plain within the object is as solid as the rest.
    beside = cv2.dilate(outside.astype(np.uint8), around) > 0
    alpha = np.where(outside, 0, np.where(beside, alpha, 1)).astype(np.float32)
    alpha = np.where(_pieces(alpha > 0.5), alpha, 0)
    color = (picture - (1 - alpha[..., None]) * ground) / np.maximum(alpha[..., None], THIN)
    return np.clip(np.dstack([color, 255 * alpha]) + 0.5, 0, 255).astype(np.uint8)


def _ground(picture: Picture) -> NDArray[np.float32]:
    """The colour [3] that most of the edges have."""
    edges = [picture[:2], picture[-2:], picture[:, :2], picture[:, -2:]]
    every = np.concatenate([each.reshape(-1, 3) for each in edges])
    return np.asarray(np.median(every, axis=0), np.float32)


def _outside(free: Pixels, seen: Pixels | None) -> Pixels:
    """Those pieces of `free` [H, W] that touch the picture's edges, and holes."""
    count, pieces = cv2.connectedComponents(free.astype(np.uint8), connectivity=4)
    found = np.concatenate([pieces[0], pieces[-1], pieces[:, 0], pieces[:, -1]])
    taken = np.isin(np.arange(count), found)
    if seen is not None:
        sizes = np.bincount(pieces.ravel(), minlength=count)
        own = np.bincount(pieces.ravel(), seen.ravel(), minlength=count)
        taken |= own < 0.5 * sizes
    return np.asarray(taken[pieces] & free)


def _pieces(solid: Pixels) -> Pixels:
    """Which pixels [H, W] belong to pieces that are no specks, and their soft rims."""
    count, pieces, told, _ = cv2.connectedComponentsWithStats(solid.astype(np.uint8))
    areas = told[1:count, cv2.CC_STAT_AREA]
    kept = 1 + np.flatnonzero(areas >= PART * areas.max(initial=0))
    whole = np.isin(pieces, kept).astype(np.uint8)
    return np.asarray(cv2.dilate(whole, np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8)) > 0)
