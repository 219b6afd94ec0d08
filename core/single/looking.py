"""Looks at a lone photo for how it was taken, as building does."""

import numpy as np

from core.capture.photos import Photo
from core.capture.pixels import load_pixels
from core.single.lines import Edges, straight_edges
from core.single.looked import Looked
from core.single.perspective import perspective, told_by
from core.single.stance import Stance, horizon_of

LONGER_SIDE = 1600  # pixels of the picture that edges are looked for in


def look_at(photo: Photo, stance: Stance, seed: int, before: Looked | None = None) -> Looked:
    """What is in `photo`; its edges are taken from `before`, if that is of the same photo.

    Raises `UserError` where the photo is gone.
    """
    if before is not None and before.photo == photo:
        edges, width, height = Edges(before.edges), before.width, before.height
    else:
        pixels = load_pixels(photo, LONGER_SIDE)
        edges, (height, width) = straight_edges(pixels), pixels.shape[:2]
    known = photo.focal_px * width / photo.width if photo.focal_px else None
    found = perspective(edges, width, height, known, seed, stance)
    rays = found.camera_from_room * [[found.focal], [found.focal], [1.0]]
    rays[:2] += np.array([[width / 2], [height / 2]]) * rays[2]
    return Looked(
        photo=photo,
        stance=stance,
        width=width,
        height=height,
        edges=edges.ends,
        along=found.along,
        meet=rays.T,
        focal=found.focal / max(width, height),
        horizon=stance.horizon or horizon_of(found.up, found.focal, width, height),
        source=told_by(found, known, stance),
        leveled=found.leveled,
    )
