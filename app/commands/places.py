"""Where the cameras come from: worked out in a child process, or read from a file."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from app.engine.in_child import in_child
from core.capture.colmap import read_colmap
from core.capture.names import match_names
from core.capture.photos import Capture
from core.capture.reconstruction import Reconstruction
from core.capture.transforms import read_transforms
from core.gaussians.start import FEWEST_POINTS
from core.pipeline.build import PlacePhotos
from core.pipeline.triangulate import triangulate
from core.poses.config import PoseConfig
from core.poses.solve import solve
from core.poses.verdicts import check_capture
from core.progress import Progress


def _nothing() -> None:
    pass


def solved(seed: int, meanwhile: Callable[[], None] = _nothing) -> PlacePhotos:
    """Places worked out from the photos alone; `meanwhile` as for `in_child`."""

    def place(capture: Capture, work: Path) -> Iterator[Progress | Reconstruction]:
        check_capture(capture)  # at once, rather than after the seconds that a child takes
        config = PoseConfig(seed=seed, cache=cache_folder())
        yield from in_child(solve, capture, work, config, meanwhile=meanwhile)

    return place


def imported(
    kind: str, source: Path, seed: int, meanwhile: Callable[[], None] = _nothing
) -> PlacePhotos:
    """Places from a file ("colmap" or "transforms"), which keep its frame.

    Points, where the file has none, are triangulated from the photos, and cameras that do
    not fit these are adjusted. Raises
    `UserError` at once for a file that cannot be read.
    """
    read = read_colmap(source) if kind == "colmap" else read_transforms(source)

    def place(capture: Capture, work: Path) -> Iterator[Progress | Reconstruction]:
        matched = match_names(read, capture)
        if len(matched.points.positions) >= FEWEST_POINTS:
            yield matched
            return
        config = PoseConfig(seed=seed, cache=cache_folder())
        yield from in_child(triangulate, capture, matched, work, config, meanwhile=meanwhile)

    return place


def cache_folder() -> Path | None:
    """Where features and matches are kept for the next time, among the user's caches.

    The folder that Qt calls the generic cache, found without Qt; it may not exist yet.
    None, so that nothing is kept, where there is no home to put it in.
    """
    try:
        if sys.platform == "win32":
            base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "cache"
        elif sys.platform == "darwin":
            base = Path.home() / "Library/Caches"
        else:
            base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        return None
    return base / "maquette" / "photos"
