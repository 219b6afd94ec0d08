"""The chosen model as a `Reconstruction`."""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from core.capture.colmap_library import pycolmap
from core.capture.photos import Capture
from core.capture.reconstruction import PlacedPhoto, Reconstruction, SparsePoints
from core.poses.features import Workspace
from core.poses.mapping import Model


def reconstruction_of(capture: Capture, work: Workspace, model: Model) -> Reconstruction:
    """`model` in its own frame, with lenses of the size of the photos, and without verdicts."""
    placed = sorted(model.cameras)
    photos = tuple(
        PlacedPhoto(
            capture.photos[i].name,
            model.lenses[i].resized(capture.photos[i].width, capture.photos[i].height),
            model.cameras[i],
        )
        for i in placed
    )
    details = {
        "solver": f"pycolmap {pycolmap.__version__}",
        "lens_model": photos[0].lens.model,
        "focal_length_in_sides": round(model.focal(placed[0]), 4),
        "points": model.points,
        "points_in_three_photos": model.shared,
        "reprojection_error_px": round(model.error, 3),
    }
    numbers = {model.ids[i]: k for k, i in enumerate(placed)}
    points = sparse_points(model.native, work, numbers)
    return Reconstruction(photos, points, (), details=details)


def seen_points(reconstruction: Reconstruction) -> dict[str, int]:
    """How many points each placed photo sees, by name."""
    counts = Counter(reconstruction.points.track_photos.tolist())
    return {photo.name: counts[k] for k, photo in enumerate(reconstruction.photos)}


def sparse_points(
    native: pycolmap.Reconstruction, work: Workspace, numbers: Mapping[int, int]
) -> SparsePoints:
    """pycolmap's points with their colours; `numbers`: index of a photo by its image id."""
    native.extract_colors_for_all_images(work.pictures)
    points = [native.points3D[k] for k in sorted(native.point3D_ids())]
    seen = [
        (numbers[element.image_id], p)
        for p, point in enumerate(points)
        for element in point.track.elements
    ]
    tracks = np.array(seen, np.int64).reshape(-1, 2)
    return SparsePoints(
        np.array([point.xyz for point in points], np.float64).reshape(-1, 3),
        np.array([point.color for point in points], np.uint8).reshape(-1, 3),
        np.array([point.error for point in points], np.float64),
        tracks[:, 0].copy(),
        tracks[:, 1].copy(),
    )
