"""Whether the matches between photos fit the cameras that were found.

A model is built from the points that fit it, so its own points cannot accuse it. All verified
matches of a pair can: where a photo is placed wrongly, most of its matches with
some other photo lie far from their epipolar lines.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.capture.colmap_library import pycolmap
from core.poses.mapping import Matches, Model

Array = NDArray[np.float64]

# A match fits when both ends lie within so many pixels of their epipolar lines.
FIT_PX = 4.0


@dataclass(frozen=True)
class PairFit:
    """Of `verified` matches between two photos, `fitting` agree with the model's cameras."""

    first: int
    second: int
    verified: int
    fitting: int


def pair_fits(matches: Matches, model: Model) -> tuple[PairFit, ...]:
    """A `PairFit` for each pair of photos of `model` that have verified matches."""
    graph = matches.cache.correspondence_graph
    rays = {i: _rays(matches, model, i) for i in model.cameras}
    fits = []
    for first, second in _matched_pairs(matches):
        if first not in rays or second not in rays:
            continue
        ids = matches.ids[first], matches.ids[second]
        matched = np.asarray(graph.extract_matches_between_images(*ids))
        second_from_first = model.cameras[second] @ np.linalg.inv(model.cameras[first])
        distance = epipolar_distance(
            rays[first][matched[:, 0]], rays[second][matched[:, 1]], second_from_first
        )
        within = FIT_PX / min(_focal_px(model, first), _focal_px(model, second))
        fits.append(PairFit(first, second, len(matched), int(np.sum(distance < within))))
    return tuple(fits)


def _matched_pairs(matches: Matches) -> list[tuple[int, int]]:
    """Places in the capture of all pairs with matches, in order; not a look at every pair."""
    place = {image_id: i for i, image_id in enumerate(matches.ids)}
    pairs = map(pycolmap.pair_id_to_image_pair, matches.cache.correspondence_graph.image_pairs())
    return sorted((min(pair), max(pair)) for pair in ([place[k] for k in ids] for ids in pairs))


def epipolar_distance(first: Array, second: Array, second_from_first: Array) -> Array:
    """Sampson distances [N] of matched rays [N, 3] (z = 1), in the units of these rays.

    `second_from_first` [4, 4] rigid. Infinite where both photos are from one place.
    """
    x, y, z = second_from_first[:3, 3]
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    essential = cross @ second_from_first[:3, :3]
    forward, back = first @ essential.T, second @ essential
    slope = np.sqrt(np.sum(forward[:, :2] ** 2, axis=1) + np.sum(back[:, :2] ** 2, axis=1))
    off = np.abs(np.sum(second * forward, axis=1))
    return np.asarray(np.divide(off, slope, out=np.full(len(off), np.inf), where=slope > 0.0))


def _rays(matches: Matches, model: Model, photo: int) -> Array:
    """Rays [F, 3] with z = 1 of all features of `photo`."""
    image = matches.cache.images[matches.ids[photo]]
    pixels = np.array([point.xy for point in image.points2D], np.float64).reshape(-1, 2)
    flat = np.asarray(model.lenses[photo].camera().cam_from_img(pixels), np.float64)
    return np.column_stack([flat[:, :2], np.ones(len(flat))])


def _focal_px(model: Model, photo: int) -> float:
    return float(model.lenses[photo].camera().mean_focal_length())
