"""Photos as the program knows them: where each lies, its size, its focal length, how good it is."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Quality:
    """Measured on a picture of at most 640 px.

    `sharpness`: variance of the Laplacian relative to that of the brightness;
    `exposure`: mean brightness in [0, 1]; `clipped`: part of the pixels that
    are black or white; `duplicate_of`: an earlier photo that shows the same
    picture, or None; `blurred`: far less sharp than the capture's others.
    """

    sharpness: float
    exposure: float
    clipped: float
    duplicate_of: str | None = None
    blurred: bool = False


@dataclass(frozen=True)
class Photo:
    """One usable photo. `width` and `height` are upright, after its EXIF orientation.

    `name` is unique within its capture. `focal_px`: focal length in pixels at
    this size as EXIF tells it, or None. `camera`: EXIF make and model, "" if
    unknown. `path` is a picture file; frames of a video lie in the work folder.
    """

    name: str
    path: Path
    width: int
    height: int
    focal_px: float | None
    camera: str
    quality: Quality


@dataclass(frozen=True)
class LeftOut:
    """A file that cannot be used, and why, in words."""

    name: str
    reason: str


@dataclass(frozen=True)
class Capture:
    """The photos of one scene, sorted by name, and the files that were left out."""

    photos: tuple[Photo, ...]
    left_out: tuple[LeftOut, ...] = ()


def all_alike(capture: Capture) -> bool:
    """Whether two photos or more all show one picture, which leaves nothing to triangulate."""
    different = sum(photo.quality.duplicate_of is None for photo in capture.photos)
    return len(capture.photos) > 1 and different == 1
