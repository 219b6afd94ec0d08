"""What `maquette train-prior` learns from: captures with known places, projects, drawn rooms."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from app.bench.quality_captures import read_subject
from app.bench.quality_rooms import find_rooms
from core.capture.photos import Capture
from core.capture.reconstruction import Reconstruction
from core.errors import UserError
from core.pipeline.outputs import PROJECT
from core.pipeline.prepare import flat_photo
from core.prior.reconfusion.config import Config
from core.prior.reconfusion.shots import Shots, shots
from core.progress import Progress
from core.project.folder import is_project, open_project

FINER = 2  # times the network's size: photos are read at that, and then averaged
ROOM_SIDE = 480  # of drawn photos, unless smaller ones will do


def drawn_rooms(folder: Path, count: int, config: Config) -> list[Path]:
    """Folders of rooms `count` to 1, drawn no larger than the network needs them.

    The first rooms come last, so that those are left out on which `maquette bench` measures.
    """
    return find_rooms(folder, count, max(1.0, ROOM_SIDE / (FINER * config.side)))[::-1]


def read_captures(
    paths: Sequence[Path], config: Config, work: Path
) -> Iterator[Progress | list[Shots]]:
    """The captures at `paths`, at the network's size; they come last. `work` is for videos.

    Raises `UserError` where photos or their places are missing.
    """
    found = []
    for number, path in enumerate(paths):
        yield Progress("Reading captures", number, len(paths), path.name)
        found.append(_read(path, config, work))
    yield Progress("Reading captures", len(paths), len(paths))
    yield found


def _read(path: Path, config: Config, work: Path) -> Shots:
    capture, places = _placed(path, work)
    photos = {photo.name: photo for photo in capture.photos}
    flats = [
        flat_photo(photos[place.name], place, FINER * config.side)
        for place in places.photos
        if place.name in photos
    ]
    return shots(
        path.resolve().name,
        [flat.pixels for flat in flats],
        [flat.view for flat in flats],
        places.points.positions,
        config,
    )


def _placed(path: Path, work: Path) -> tuple[Capture, Reconstruction]:
    for folder in (path, path / PROJECT):
        if is_project(folder):
            project = open_project(folder)
            return project.capture, project.reconstruction
    if not path.is_dir():
        raise UserError(f"There is no folder {path}.", hint="Check the spelling.")
    subject = read_subject(path, work)
    if subject.reference is None:
        raise UserError(
            f"No cameras are known for the photos in {path}.",
            hint="Put their transforms.json or COLMAP model beside them, or name a project.",
        )
    return subject.capture, subject.reference
