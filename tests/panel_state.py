"""States for the tests of the panels: a dozen photos with every fate that a photo can have."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.capture.lens import Lens
from core.capture.photos import Capture, LeftOut, Photo, Quality
from core.capture.reconstruction import PlacedPhoto, Reconstruction, SparsePoints, Verdict
from core.scene.document import State
from core.scene.plan import Plan

LENS = Lens("SIMPLE_RADIAL", 400, 300, (321.0, 200.0, 150.0, 0.0))


def photo(name: str, *, duplicate_of: str | None = None, blurred: bool = False) -> Photo:
    quality = Quality(0.1, 0.5, 0.0, duplicate_of=duplicate_of, blurred=blurred)
    return Photo(name, Path("/pictures") / name, 400, 300, 330.0, "Phone", quality)


def capture(count: int = 5, left_out: tuple[LeftOut, ...] = ()) -> Capture:
    """Photos "p0.jpg", "p1.jpg" ..."""
    return Capture(tuple(photo(f"p{i}.jpg") for i in range(count)), left_out)


def reconstruction(*verdicts: Verdict, warnings: tuple[str, ...] = ()) -> Reconstruction:
    placed = tuple(PlacedPhoto(v.name, LENS, np.eye(4)) for v in verdicts if v.placed)
    return Reconstruction(placed, SparsePoints.none(), verdicts, warnings)


def placed(*names: str) -> Reconstruction:
    return reconstruction(*(Verdict(name, True, "Placed by 812 points.") for name in names))


def state(photos: Capture | None = None, **parts: object) -> State:
    """A state of these photos; `excluded` and `held_out` are parts of its plan."""
    of_plan = {key: frozenset(parts.pop(key)) for key in ("excluded", "held_out") if key in parts}
    return State(plan=Plan(capture() if photos is None else photos, **of_plan), **parts)


def pixels(red: int, green: int, blue: int) -> NDArray[np.uint8]:
    """A thumbnail of one colour."""
    return np.full((90, 120, 3), (red, green, blue), np.uint8)
