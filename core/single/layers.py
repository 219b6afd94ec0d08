"""Which things of a lone picture stand before the rest of it: Gen3d's rule.

Section 4.1 of the methods (Zhang et al., 2025): of the masks that are sure enough and neither tiny
nor huge, those are the foreground whose median depth is less than a bound, the 35th percentile of
all depth. What they hide lies behind a rim around them as well, since no mask is exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.scene.fill.membrane import membrane

Floats = NDArray[np.float32]
Pixels = NDArray[np.bool_]
Array = NDArray[np.float64]

SURE = 0.85  # of a mask, where whoever made it says how sure that is
LEAST, MOST = 0.005, 0.60  # of the picture: masks of other sizes are specks, or the room
BOUND = 35.0  # percent of the picture that is nearer than the bound
RIM = 0.01  # of the picture's width: how far what is to be painted reaches beyond masks
NEAREST = 1e-6  # of whatever depth is in
TRIALS, JUDGES = 200, 2000  # pairs of pixels that are tried, and pixels that judge them
TUKEY, ROUNDS = 4.685 * 1.4826, 8  # medians off from which on a pixel does not count; turns


@dataclass(frozen=True, eq=False)
class Layers:
    """`foreground` [H, W]: what stands before the rest, by the masks numbered in `kept`.

    `paint` [H, W]: where the background is to be painted. `bound`: depth of what is still near.
    """

    foreground: Pixels
    paint: Pixels
    kept: tuple[int, ...]
    bound: float


def layers(depth: Floats, masks: Sequence[Pixels], scores: Sequence[float] | None = None) -> Layers:
    """Of a picture with z = `depth` [H, W], 0 where unknown, and `masks` [H, W] of its things.

    `scores`: how sure each mask is, in [0, 1]; those that a person drew are.
    """
    known = depth > 0
    bound = float(np.percentile(depth[known], BOUND)) if known.any() else 0.0
    kept, foreground = [], np.zeros(depth.shape, bool)
    for k, mask in enumerate(masks):
        sure = scores is None or scores[k] > SURE
        here = depth[mask & known]
        if sure and LEAST <= mask.mean() <= MOST and len(here) and np.median(here) < bound:
            kept.append(k)
            foreground |= mask
    reach = max(1, round(RIM * depth.shape[1]))
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    paint = cv2.dilate(foreground.astype(np.uint8), around) > 0
    return Layers(foreground, np.asarray(paint), tuple(kept), bound)


def background_depth(depth: Floats, hidden: Pixels) -> Floats:
    """z [H, W] of what is behind `hidden` [H, W]: its inverse is harmonic there.

    What is known stays; where nothing is known all around, 0.
    """
    known = (depth > 0) & ~hidden
    open_ = ~known
    if not known.any() or not open_.any():
        return np.where(known, depth, 0).astype(np.float32)
    inverse = np.where(known, 1 / np.maximum(depth, NEAREST), 0).astype(np.float32)
    behind = membrane(inverse[..., None], known)[..., 0]
    return np.where(known, depth, 1 / np.maximum(behind, 1e-6)).astype(np.float32)


def background_told(guess: Floats, depth: Floats, hidden: Pixels) -> Floats:
    """z [H, W] of what is behind `hidden` [H, W], from a `guess` at the picture without it.

    The guess is scaled and shifted to `depth` where that is seen (3D-RE-GEN, section 3.3 of the
    methods, which fits boxes): of pairs of pixels the one that fits half of the others best, then
    least squares with Tukey's weights. What is off at the edge fades into the hole. Where it tells
    nothing, `background_depth`.
    """
    known = (depth > 0) & (guess > 0) & ~hidden
    seen, want = (each[known].astype(np.float64) for each in (guess, depth))
    found = _fit(seen, want) if len(seen) > 1 else None
    if found is None:
        return background_depth(depth, hidden)
    told = (found[0] * guess + found[1]).astype(np.float32)
    rest = membrane(np.where(known, depth - told, 0)[..., None], known)[..., 0]
    behind = np.maximum(told + rest, NEAREST)
    return np.where((depth > 0) & ~hidden, depth, behind).astype(np.float32)


def _fit(seen: Array, want: Array) -> Array | None:
    """Scale and shift [2] from `seen` [N] to `want` [N], though much of them may not agree; None
    where what is farther in one is nearer in the other."""
    random = np.random.default_rng(0)
    judges = random.integers(0, len(seen), JUDGES)
    one, other = random.integers(0, len(seen), (2, TRIALS))
    apart = np.abs(seen[one] - seen[other]) > 1e-6 * np.abs(seen).max()
    one, other = one[apart], other[apart]
    if not len(one):
        return None
    scale = (want[one] - want[other]) / (seen[one] - seen[other])
    shift = want[one] - scale * seen[one]
    off = np.abs(scale[:, None] * seen[judges] + shift[:, None] - want[judges])
    best = int(np.median(off, axis=1).argmin())
    found = np.array([scale[best], shift[best]])
    columns = np.stack([seen, np.ones_like(seen)], axis=1)
    for _ in range(ROUNDS):
        rest = np.abs(columns @ found - want)
        reach = max(TUKEY * float(np.median(rest)), 1e-6 * float(want.max()))
        root = np.maximum(1 - (rest / reach) ** 2, 0)
        found = np.linalg.lstsq(columns * root[:, None], want * root, rcond=None)[0]
    return found if found[0] > 0 else None
