"""How badly the cameras fit their photos, and where training moved them to."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.capture.reconstruction import PlacedPhoto, Reconstruction
from core.geometry.camera import View
from core.pipeline.prepare import Flat, Pictures

# From this misfit on, the cameras are not where the photos were taken. Those that a bundle
# adjustment fitted lie between 0.7e-4 and 4.2e-4, and moving them in training costs up to 0.4 dB
# on the test photos; those turned by 0.25 degrees and more lie above 7.8e-4, and gain 1.2 to 5.
MISFIT = 5e-4
RATE_POSE = 2e-4
TELLING_POINTS = 50  # fewest points that say something
FINE = 1000  # pixels


def misfit(reconstruction: Reconstruction) -> float:
    """How far a typical point lies from where photos saw it, in parts of their longer side.

    The median over all points, 0 where there are too few. Small photos count as larger
    ones, because what is seen in them is measured no finer.
    """
    errors = reconstruction.points.errors
    if len(errors) < TELLING_POINTS:
        return 0.0
    sides = [max(photo.lens.width, photo.lens.height) for photo in reconstruction.photos]
    return float(np.median(errors) / max(np.median(sides), FINE))


def refined(
    reconstruction: Reconstruction, names: Sequence[str], views: Sequence[View]
) -> Reconstruction:
    """`reconstruction` with the cameras of the photos `names` where `views` have them.

    Its details tell by how much they turned.
    """
    moved = dict(zip(names, views, strict=True))
    photos = tuple(_moved(photo, moved) for photo in reconstruction.photos)
    turns = [  # of matrices that differ little
        np.linalg.norm((before.camera_from_scene - after.camera_from_scene)[:3, :3]) / np.sqrt(2)
        for before, after in zip(reconstruction.photos, photos, strict=True)
        if before.name in moved
    ]
    told = {"turned_in_training_degrees": round(float(np.degrees(np.median(turns))), 3)}
    return replace(reconstruction, photos=photos, details={**reconstruction.details, **told})


def refined_pictures(pictures: Pictures, views: Sequence[View]) -> Pictures:
    """`pictures` with those trained on where `views` have them; the others stay."""
    moved = {flat.name: view for flat, view in zip(pictures.train, views, strict=True)}
    return replace(
        pictures,
        train=tuple(_seen_from(flat, moved) for flat in pictures.train),
        places=tuple(_moved(photo, moved) for photo in pictures.places),
    )


def _seen_from(flat: Flat, moved: dict[str, View]) -> Flat:
    view = replace(flat.view, camera_from_scene=moved[flat.name].camera_from_scene.cpu())
    return replace(flat, view=view, place=_moved(flat.place, moved))


def _moved(photo: PlacedPhoto, moved: dict[str, View]) -> PlacedPhoto:
    if photo.name not in moved:
        return photo
    pose = moved[photo.name].camera_from_scene.double().cpu().numpy()
    left, _, right = np.linalg.svd(pose[:3, :3])
    pose[:3, :3] = left @ right  # rigid to the last digit, which float32 is not
    return replace(photo, camera_from_scene=pose)
