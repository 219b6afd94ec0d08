"""Which view a scene is first shown from, and what there is to bring into the picture."""

import numpy as np

from core.capture.reconstruction import Reconstruction
from core.errors import UserError
from core.scene.document import State
from widgets.viewport.flight import PhotoCamera
from widgets.viewport.layers import (
    Box,
    around_cameras,
    main_part,
    photo_camera,
    photo_depth,
    placed_photo,
)
from widgets.viewport.pilot import Pilot


def another_scene(old: State | None, new: State) -> bool:
    """Whether `new` shows something else than `old`, rather than more of the same.

    Without photos nothing is built, so other content has been opened. What is
    opened from a project comes along with its path; what is saved does not.
    """
    if old is None or is_empty(old) or is_empty(new):
        return True
    if old.content is not new.content and new.reconstruction is None:
        return True
    return old.path != new.path and old.reconstruction is not new.reconstruction


def is_empty(state: State) -> bool:
    """Whether there is nothing to look at."""
    return state.content is None and state.reconstruction is None


def begin_view(pilot: Pilot, state: State) -> None:
    """Stand where the photo that shows most was taken; without photos see all there is."""
    box = whole(state)
    if box is None:
        return
    reconstruction = state.reconstruction
    size = max(float(np.linalg.norm(box[1] - box[0])), 1e-6)
    if reconstruction is not None and reconstruction.photos:
        photo = reconstruction.photos[fullest_photo(reconstruction)]
        try:
            camera = photo_camera(photo)
        except UserError:
            pass  # a lens that sees all around gives no view to begin with
        else:
            depth = photo_depth(reconstruction, photo.name, size / 2)
            pilot.stand_at(camera, depth, size)
            return
    pilot.frame(*box, now=0.0, fly=False)


def goes_on(old: State | None, new: State) -> bool:
    """Whether only newer content of the same building has come, which moves no camera."""
    same = old is not None and old.reconstruction is new.reconstruction is not None
    return same and old is not None and old.content is not None


def camera_of(state: State, name: str, otherwise: float) -> tuple[PhotoCamera, float] | None:
    """The camera of a photo and how far from it things are, `otherwise` where nothing tells;
    None where it has no place. Raises `UserError` for lenses without a pinhole."""
    placed = placed_photo(state.reconstruction, name)
    if placed is None or state.reconstruction is None:
        return None
    return photo_camera(placed), photo_depth(state.reconstruction, name, otherwise)


def fullest_photo(reconstruction: Reconstruction) -> int:
    """Index of the photo that sees most of the sparse points; without any, the middle one."""
    seen = reconstruction.points.track_photos
    return int(np.bincount(seen).argmax()) if len(seen) else len(reconstruction.photos) // 2


def whole(state: State) -> Box | None:
    """Corners of a box around the scene and the cameras."""
    boxes = [box for box in (main_part(state), around_cameras(state.reconstruction)) if box]
    if not boxes:
        return None
    low = np.min([low for low, _ in boxes], axis=0)
    high = np.max([high for _, high in boxes], axis=0)
    return low, high
