"""How well estimated cameras agree with reference cameras, whatever frame and scale each is in."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Two centres closer than this part of the reference's extent have no direction between them.
SAME_PLACE = 1e-6


@dataclass(frozen=True)
class PairAccuracy:
    """Area under the recall curve in [0, 1], for the relative rotation and translation of pairs.

    `pairs` counts all pairs of the reference, those with a missing photo included.
    """

    rotation: float
    translation: float
    pairs: int


def auc(
    estimated: Mapping[str, Array], reference: Mapping[str, Array], threshold_degrees: float = 5.0
) -> PairAccuracy:
    """Compare cameras by all pairs of photos of `reference`.

    Both map a photo's name to its rigid `camera_from_scene` [4, 4]; the frames may
    differ by any similarity. A pair with a photo that `estimated` lacks counts
    as failed. The area is exact for the step-wise linear recall curve used by
    SuperGlue (Sarlin et al., CVPR 2020) and the Image Matching Challenge.
    """
    rotation, translation = pair_errors(estimated, reference)
    return PairAccuracy(
        area_under_recall(rotation, threshold_degrees),
        area_under_recall(translation, threshold_degrees),
        len(rotation),
    )


def pair_errors(
    estimated: Mapping[str, Array], reference: Mapping[str, Array]
) -> tuple[Array, Array]:
    """Angles in degrees between the relative rotations, and the relative translations, of pairs.

    Both [N * (N - 1) / 2] for the N photos of `reference` in order of name;
    infinite where `estimated` lacks a photo. A direction of translation that one
    of the two leaves open (both photos from one place) counts as 180 degrees off
    unless the reference leaves it open too, when it is no error.
    """
    names = sorted(reference)
    first, second = np.triu_indices(len(names), 1)
    truth = np.stack([reference[name] for name in names]) if names else np.zeros((0, 4, 4))
    known = np.array([name in estimated for name in names], bool)
    guess = np.stack([estimated.get(name, np.eye(4)) for name in names]) if names else truth
    true_turn, true_step = _relative(truth, first, second)
    turn, step = _relative(guess, first, second)
    rotation = _rotation_angles(true_turn, turn)
    translation = _direction_angles(true_step, step, _extent(truth), _extent(guess[known]))
    missing = ~(known[first] & known[second])
    rotation[missing] = np.inf
    translation[missing] = np.inf
    return rotation, translation


def area_under_recall(errors: Array, threshold: float) -> float:
    """Area under recall(error) from 0 to `threshold`, divided by `threshold`; 0 for no errors."""
    if not len(errors):
        return 0.0
    within = np.sort(errors[errors < threshold])
    recall = np.arange(1, len(within) + 1) / len(errors)
    curve_x = np.concatenate([[0.0], within, [threshold]])
    curve_y = np.concatenate([[0.0], recall, recall[-1:] if len(recall) else [0.0]])
    return float(np.trapezoid(curve_y, curve_x) / threshold)


def _relative(
    cameras: Array, first: NDArray[np.intp], second: NDArray[np.intp]
) -> tuple[Array, Array]:
    """Rotations [P, 3, 3] and translations [P, 3] of `second_from_first`."""
    turn = cameras[second, :3, :3] @ cameras[first, :3, :3].transpose(0, 2, 1)
    step = cameras[second, :3, 3] - (turn @ cameras[first, :3, 3, None])[..., 0]
    return turn, step


def _rotation_angles(a: Array, b: Array) -> Array:
    """Degrees between rotations [P, 3, 3]; by chord length, which stays exact near 0."""
    chord = np.linalg.norm(a - b, axis=(1, 2)) / np.sqrt(8.0)
    return np.asarray(np.degrees(2.0 * np.arcsin(np.clip(chord, 0.0, 1.0))))


def _direction_angles(truth: Array, guess: Array, true_extent: float, extent: float) -> Array:
    """Degrees between directions [P, 3]; each step is nothing when tiny beside its extent."""
    true_length = np.linalg.norm(truth, axis=1)
    length = np.linalg.norm(guess, axis=1)
    cross = np.linalg.norm(np.cross(truth, guess), axis=1)
    angles = np.degrees(np.arctan2(cross, np.sum(truth * guess, axis=1)))
    true_none = true_length <= SAME_PLACE * true_extent
    angles[(length <= SAME_PLACE * extent) & ~true_none] = 180.0
    angles[true_none] = 0.0
    return np.asarray(angles)


def _extent(cameras: Array) -> float:
    """Greatest side of the box around the camera centres; 0 for none."""
    if not len(cameras):
        return 0.0
    centers = -(cameras[:, :3, :3].transpose(0, 2, 1) @ cameras[:, :3, 3, None])[..., 0]
    return float(np.ptp(centers, axis=0).max())
