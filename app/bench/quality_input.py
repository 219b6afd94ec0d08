"""What the settings are compared on: photos chosen, placed, and with points, kept in a folder."""

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from app.bench.quality_captures import Subject
from app.bench.quality_cases import SOLVING, Case, code_fingerprint, divided, fingerprint
from app.bench.quality_frame import pose_errors, similarity
from app.engine.in_child import in_child
from core.capture.colmap import read_colmap, write_colmap_text
from core.capture.lens import Lens
from core.capture.photos import Capture
from core.capture.reconstruction import PlacedPhoto, Reconstruction, SparsePoints
from core.errors import UserError
from core.pipeline.triangulate import triangulate
from core.poses.config import PoseConfig
from core.poses.solve import solve
from core.progress import Progress

KNOWN, OWN = "known", "own"
FACTS = "facts.json"
Facts = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Input:
    """Photos to train on and to test with, and where they were taken; points of the first alone.

    `places` is None where the solver refused. `facts`: seconds, pose errors, warnings.
    """

    capture: Capture
    places: Reconstruction | None
    train: tuple[str, ...]
    test: tuple[str, ...]
    facts: Facts


def find_input(subject: Subject, case: Case, every: int | None, out: Path, keep: bool) -> Input:
    """The input of `case`, from the folder `out` if it is there and, without `keep`, of this code.

    Raises `UserError` where cameras are to be known and are not.
    """
    if subject.reference is None:
        raise UserError(
            f"No cameras are known for {subject.name}.",
            hint="Put its transforms.json or COLMAP model beside the photos, or use --poses own.",
        )
    train, test = divided(subject.names, case.photos, every)
    capture = _of(subject.capture, [*train, *test])
    asked = fingerprint(_identity(capture), train, case.poses, case.seed)
    folder = out / "inputs" / case.input_id
    facts = _kept(folder, asked, keep)
    if facts is None:
        # Shared by seeds alone: the first one's time is that of a user, who has no cache either.
        features = out / "features" / f"{case.capture}-{case.poses}-{case.photos}"
        config = PoseConfig(seed=case.seed, cache=features)
        make = _known if case.poses == KNOWN else _own
        places, facts = make(subject.reference, _of(capture, train), test, config, out)
        facts["asked"], facts["code"] = asked, code_fingerprint(*SOLVING)
        _keep(folder, places, facts)
    # Read back even when new: what is kept is rounded, and all runs are to begin with the same.
    places = None if "refused" in facts else read_colmap(folder)
    return Input(capture, places, tuple(train), tuple(test), facts)


def with_reference(subject: Subject, out: Path, keep: bool) -> Subject:
    """`subject`; where no cameras are known, those that the solver finds for all its photos."""
    if subject.reference is not None:
        return subject
    asked = fingerprint(_identity(subject.capture))
    folder = out / "inputs" / f"{subject.name}-reference"
    facts = _kept(folder, asked, keep)
    if facts is None:
        places, facts = _run(_solve, subject.capture, PoseConfig(), out)
        facts["asked"], facts["code"] = asked, code_fingerprint(*SOLVING)
        _keep(folder, places, facts)
    if "refused" in facts:
        raise UserError(
            f"No cameras are known for {subject.name}, and they cannot be worked out: "
            f"{facts['refused']}",
            hint="Leave it out, or put its cameras beside the photos.",
        )
    known = read_colmap(folder)
    return replace(subject, reference=replace(known, points=SparsePoints.none()))


def _known(
    reference: Reconstruction, train: Capture, test: Sequence[str], config: PoseConfig, out: Path
) -> tuple[Reconstruction | None, Facts]:
    """The reference cameras, with points that the photos trained on give alone."""
    places = {photo.name: photo for photo in reference.photos}
    listed = tuple(places[photo.name] for photo in train.photos)
    start = Reconstruction(listed, SparsePoints.none(), ())
    found, facts = _run(_triangulate, train, config, out, start)
    if found is None:
        return None, facts
    return _joined(found, [places[name] for name in test]), facts


def _own(
    reference: Reconstruction, train: Capture, test: Sequence[str], config: PoseConfig, out: Path
) -> tuple[Reconstruction | None, Facts]:
    """The solver's cameras for the photos trained on; those of the others brought to them."""
    found, facts = _run(_solve, train, config, out)
    if found is None:
        return None, facts
    truth = {photo.name: photo.camera_from_scene for photo in reference.photos}
    cameras = {photo.name: photo.camera_from_scene for photo in found.photos}
    told = {photo.name: truth[photo.name] for photo in train.photos}
    facts["pose"] = pose_errors(cameras, told)
    facts["warnings"] = list(found.warnings)
    moved = similarity(truth, cameras)
    if moved is None:
        return None, {**facts, "refused": "Fewer than two photos were placed."}
    others = [
        PlacedPhoto(photo.name, _lens(photo, found), moved.camera(photo.camera_from_scene))
        for photo in reference.photos
        if photo.name in test
    ]
    return _joined(found, others), facts


def _lens(photo: PlacedPhoto, found: Reconstruction) -> Lens:
    """What the solver believes of photos of this size, as it would of this one; else the known."""
    size = photo.lens.width, photo.lens.height
    lenses = [each.lens for each in found.photos if (each.lens.width, each.lens.height) == size]
    middle = sorted(lenses, key=lambda lens: lens.params[0])[len(lenses) // 2 :]
    return middle[0] if middle else photo.lens


def _joined(found: Reconstruction, others: Sequence[PlacedPhoto]) -> Reconstruction:
    """`found` with further photos, which see no point."""
    photos = sorted((*found.photos, *others), key=lambda photo: photo.name)
    order = {photo.name: i for i, photo in enumerate(photos)}
    numbers = [order[photo.name] for photo in found.photos]
    tracks = found.points.track_photos.copy()
    for i, number in enumerate(numbers):
        tracks[found.points.track_photos == i] = number
    points = replace(found.points, track_photos=tracks)
    return replace(found, photos=tuple(photos), points=points, verdicts=())


def _run(
    work_out: Callable[..., Iterator[object]],
    capture: Capture,
    config: PoseConfig,
    out: Path,
    *more: object,
) -> tuple[Reconstruction | None, Facts]:
    """The answer of `work_out` in a process of its own, and its facts; None where it refuses.

    `out`: where a folder to work in is made; `more`: what else `work_out` is to know.
    """
    with tempfile.TemporaryDirectory(dir=out) as work:
        try:
            *_, answer = in_child(work_out, capture, Path(work), config, *more)
        except UserError as error:
            return None, {"refused": str(error), "seconds": None, "cpu_seconds": None}
    assert isinstance(answer, tuple)
    found, facts = answer
    return found, facts


def _solve(
    capture: Capture, work: Path, config: PoseConfig
) -> Iterator[Progress | tuple[Reconstruction, Facts]]:
    began = _clocks()
    for step in solve(capture, work, config):
        yield (step, _costs(began)) if isinstance(step, Reconstruction) else step


def _triangulate(
    capture: Capture, work: Path, config: PoseConfig, start: Reconstruction
) -> Iterator[Progress | tuple[Reconstruction, Facts]]:
    began = _clocks()
    for step in triangulate(capture, start, work, config):
        yield (step, _costs(began)) if isinstance(step, Reconstruction) else step


def _clocks() -> tuple[float, float]:
    return time.monotonic(), float(sum(psutil.Process().cpu_times()[:2]))


def _costs(began: tuple[float, float]) -> Facts:
    now = _clocks()
    return {"seconds": now[0] - began[0], "cpu_seconds": now[1] - began[1]}


def _of(capture: Capture, names: Sequence[str]) -> Capture:
    wanted = set(names)
    return Capture(tuple(photo for photo in capture.photos if photo.name in wanted))


def _identity(capture: Capture) -> list[tuple[str, int]]:
    return [(photo.name, photo.path.stat().st_size) for photo in capture.photos]


def _kept(folder: Path, asked: str, keep: bool) -> Facts | None:
    try:
        facts: Facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    same = keep or facts.get("code") == code_fingerprint(*SOLVING)
    return facts if same and facts.get("asked") == asked else None


def _keep(folder: Path, places: Reconstruction | None, facts: Mapping[str, Any]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if places is not None:
        write_colmap_text(folder, places)
    # Last: its presence says that the rest is whole.
    (folder / FACTS).write_text(json.dumps(facts, indent=1), encoding="utf-8")
