"""From the paths that a user names to a capture: what can be used, how good it is, what cannot."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from core.capture.exif import camera_name, focal_px
from core.capture.photos import Capture, LeftOut, Photo
from core.capture.pixels import Pixels, Unusable, read_picture
from core.capture.quality import MEASURED_SIDE, Look, compared, look_at
from core.capture.sources import KINDS_HINT, Sources, find_sources, unique_names
from core.capture.video import choose_frames
from core.errors import UserError
from core.progress import Progress

FRAMES_FOLDER = "frames"
NAMED_AT_MOST = 5  # left-out files in an error message


def _unseen(name: str, pixels: Pixels) -> None:
    pass


def find_photos(
    paths: Sequence[Path], work: Path, seen: Callable[[str, Pixels], None] = _unseen
) -> Iterator[Progress | Capture]:
    """Read and judge every photo among `paths` (files and folders); the `Capture` comes last.

    Frames of videos are written to `work`/frames. Each file is decoded to its
    end, one at a time, and only small versions are kept; `seen` gets each photo's name
    and its picture, perhaps reduced. Files that cannot serve are told in `left_out`, and
    the others go on. Raises `UserError` for a path that does not exist and where no
    photo can be used.
    """
    sources = find_sources(paths)
    left_out = list(sources.left_out)
    frames: list[Path] = []
    for video, name in unique_names(sources.videos).items():
        try:
            for step in choose_frames(video, work / FRAMES_FOLDER, Path(name).stem):
                if isinstance(step, Progress):
                    yield step
                else:
                    frames += step
        except Unusable as error:
            left_out.append(LeftOut(name, str(error)))
    photos: list[Photo] = []
    looks: list[Look] = []
    names = sorted(_names(sources.photos, frames).items(), key=lambda item: item[1])
    for i, (path, name) in enumerate(names):
        yield Progress("Reading photos", i, len(names), name)
        try:
            photo, look = _photo(path, name, seen)
        except Unusable as error:
            left_out.append(LeftOut(name, str(error)))
        else:
            photos.append(photo)
            looks.append(look)
    if not photos:
        raise _nothing_found(paths, sources, left_out)
    yield Progress("Reading photos", len(names), len(names))
    yield Capture(compared(photos, looks), tuple(sorted(left_out, key=lambda file: file.name)))


def _names(photos: Sequence[Path], frames: Sequence[Path]) -> dict[Path, str]:
    """Photos before frames: a photo keeps its name whatever frames come beside it."""
    names = unique_names(photos)
    return names | unique_names(frames, taken=names.values())


def _photo(path: Path, name: str, seen: Callable[[str, Pixels], None]) -> tuple[Photo, Look]:
    picture = read_picture(path, about=MEASURED_SIDE)
    seen(name, picture.pixels)
    look = look_at(picture.pixels)
    photo = Photo(
        name=name,
        path=path,
        width=picture.width,
        height=picture.height,
        focal_px=focal_px(picture.exif, picture.width, picture.height),
        camera=camera_name(picture.exif),
        quality=look.quality,
    )
    return photo, look


def _nothing_found(
    paths: Sequence[Path], sources: Sources, left_out: Sequence[LeftOut]
) -> UserError:
    where = ", ".join(str(path) for path in paths) or "an empty list of paths"
    if left_out:
        told = [f"{file.name}: {file.reason}" for file in left_out[:NAMED_AT_MOST]]
        if len(left_out) > NAMED_AT_MOST:
            told.append(f"And {len(left_out) - NAMED_AT_MOST} more.")
        return UserError(f"No photo in {where} can be used. {' '.join(told)}", hint=KINDS_HINT)
    if sources.ignored:
        kinds = ", ".join(sources.ignored[:NAMED_AT_MOST])
        return UserError(f"There is no photo in {where}, only {kinds}.", hint=KINDS_HINT)
    return UserError(f"There is no photo in {where}: nothing is there.", hint=KINDS_HINT)
