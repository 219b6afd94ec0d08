"""What the engines' jobs answer, run here without an engine."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.engine.control import Control
from app.jobs.kinds import (
    BuildJob,
    Exported,
    FlatPicture,
    MissingPhotos,
    Opened,
    ProjectFacts,
    Thumbnail,
    build_scene,
    export_scene,
    flat_photo,
    open_file,
    read_photos,
    save_project_to,
    thumbnails,
)
from core.capture.colmap import read_colmap
from core.capture.names import match_names
from core.capture.photos import Capture
from core.errors import UserError
from core.export.wish import Wish
from core.gaussians.arrays import SplatArrays
from core.pipeline import events as told
from core.pipeline.settings import PRESETS, Preset
from core.pipeline.split import Choice, Split
from core.progress import Progress
from core.scene.plan import Plan
from core.scene.shown import PointCloud
from core.train.steps import Snapshot, Step
from tests.scenes import cloud
from tests.small_room import make_room

SETTINGS = replace(PRESETS[Preset.QUICK], iterations=20, max_size=96)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_room(tmp_path_factory.mktemp("room"))


@pytest.fixture(scope="module")
def capture(room: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Capture:
    work = tmp_path_factory.mktemp("work")
    found = list(read_photos(Control(), [room[0]], work))[-1]
    assert isinstance(found, Capture)
    return found


@pytest.fixture
def job(room: tuple[Path, Path], capture: Capture, tmp_path: Path) -> BuildJob:
    """A build whose places are known."""
    known = match_names(read_colmap(room[1]), capture)
    choice = Choice(test=("IMG_0001.jpg", "IMG_0005.jpg"))
    return BuildJob(capture, SETTINGS, tmp_path / "build", choice, known)


def test_photos_are_shown_as_they_are_read(room: tuple[Path, Path], tmp_path: Path) -> None:
    (room[0].parent / "notes.jpg").write_text("no picture")
    events = list(read_photos(Control(), [room[0], room[0].parent / "notes.jpg"], tmp_path))
    small = [event for event in events if isinstance(event, Thumbnail)]
    assert [each.name for each in small] == [f"IMG_000{i}.jpg" for i in range(1, 9)]
    assert {each.pixels.shape for each in small} == {(120, 160, 3)}
    assert events.index(small[0]) < events.index(Progress("Reading photos", 2, 9, "IMG_0003.jpg"))
    found = events[-1]
    assert isinstance(found, Capture)
    assert [file.name for file in found.left_out] == ["notes.jpg"]


def test_thumbnails_name_the_photos_that_are_gone(capture: Capture, tmp_path: Path) -> None:
    first = replace(capture.photos[0], path=tmp_path / "gone.jpg")
    *small, missing = thumbnails(
        Control(), replace(capture, photos=(first, *capture.photos[1:])), 40
    )
    assert [each.name for each in small] == [photo.name for photo in capture.photos[1:]]
    assert {each.pixels.shape for each in small} == {(30, 40, 3)}
    assert missing == MissingPhotos(("IMG_0001.jpg",))


def test_a_flat_photo_is_what_training_sees(job: BuildJob) -> None:
    assert job.reconstruction is not None
    photo, placed = job.capture.photos[0], job.reconstruction.photos[0]
    (flat,) = flat_photo(Control(), photo, placed, 96)
    assert isinstance(flat, FlatPicture)
    assert flat.pixels.shape == (72, 96, 3)
    assert (flat.camera.width, flat.camera.height) == (96, 72)
    assert np.array_equal(flat.camera_from_scene, placed.camera_from_scene)
    with pytest.raises(UserError, match="can no longer be read"):
        list(flat_photo(Control(), replace(photo, path=Path("gone.jpg")), placed, 96))


def test_building_with_known_places(job: BuildJob) -> None:
    events = list(build_scene(Control(), job))
    kinds = [type(event) for event in events if not isinstance(event, Progress)]
    # One before surfaces are looked for, and one of what training begins with.
    assert kinds[:4] == [told.Placed, Snapshot, Snapshot, Step]
    # Where a picture takes long, the photos held out are measured before the last of all.
    assert set(kinds[-2:]) == {Snapshot, told.Tested}
    placed = next(event for event in events if isinstance(event, told.Placed))
    assert placed.reconstruction is job.reconstruction
    assert placed.split.test == ("IMG_0001.jpg", "IMG_0005.jpg")
    tested = [event for event in events if isinstance(event, told.Tested)][-1]
    assert tested.iteration == 20
    assert 5 < tested.psnr < 60
    assert not job.work.exists()


def test_photos_left_out_since_they_were_placed_take_no_part(job: BuildJob) -> None:
    fewer = replace(job.capture, photos=job.capture.photos[:6])
    placed = next(
        event
        for event in build_scene(Control(), replace(job, capture=fewer))
        if isinstance(event, told.Placed)
    )
    names = [photo.name for photo in fewer.photos]
    assert [photo.name for photo in placed.reconstruction.photos] == names
    assert [verdict.name for verdict in placed.reconstruction.verdicts] == names
    assert placed.reconstruction.points.track_photos.max() < 6


def test_a_build_goes_on_from_where_it_stood(job: BuildJob) -> None:
    reached = [event for event in build_scene(Control(), job) if isinstance(event, Snapshot)][-1]
    more = replace(
        job,
        settings=replace(SETTINGS, iterations=30),
        step=reached.step,
        exposures=reached.exposures.numpy(),
    )
    splats = SplatArrays.from_gaussians(reached.gaussians)
    events = [
        event
        for event in build_scene(Control(), more, splats=splats)
        if isinstance(event, Step | Snapshot)
    ]
    first = events[0]
    assert isinstance(first, Snapshot)
    assert first.gaussians.means.equal(reached.gaussians.means)
    assert first.step.iteration == 20
    steps = [event.iteration for event in events if isinstance(event, Step)]
    assert steps == list(range(21, 31))


def test_splats_are_written_and_opened(tmp_path: Path) -> None:
    splats = SplatArrays.from_gaussians(cloud(50))
    done = list(export_scene(Control(), tmp_path / "a.ply", ProjectFacts(Plan()), Wish(), splats))[
        -1
    ]
    assert isinstance(done, Exported)
    assert (done.gaussians, done.size) == (50, (tmp_path / "a.ply").stat().st_size)
    opened = list(open_file(Control(), tmp_path / "a.ply"))[-1]
    assert isinstance(opened, Opened)
    assert isinstance(opened.content, SplatArrays)
    assert opened.facts is None
    assert np.array_equal(opened.content.sh, splats.sh)


def test_a_point_cloud_is_opened_as_one(tmp_path: Path) -> None:
    path = tmp_path / "points.ply"
    lines = ["ply", "format ascii 1.0", "element vertex 1"]
    lines += [f"property float {axis}" for axis in "xyz"]
    path.write_text("\n".join([*lines, "end_header", "1 2 3", ""]))
    opened = list(open_file(Control(), path))[-1]
    assert isinstance(opened, Opened)
    assert isinstance(opened.content, PointCloud)
    with pytest.raises(UserError, match="no file or folder"):
        list(open_file(Control(), tmp_path / "none.ply"))
    with pytest.raises(UserError, match="no project"):
        list(open_file(Control(), tmp_path))


def opened_again(folder: Path, facts: ProjectFacts, splats: SplatArrays | None) -> Opened:
    list(save_project_to(Control(), folder, facts, folder.parent / "work", splats=splats))
    opened = list(open_file(Control(), folder))[-1]
    assert isinstance(opened, Opened)
    assert opened.path == folder
    return opened


def test_a_whole_project_is_saved_and_opened(job: BuildJob, tmp_path: Path) -> None:
    facts = ProjectFacts(
        plan=Plan(job.capture, frozenset(["IMG_0002.jpg"]), frozenset(["IMG_0001.jpg"]), SETTINGS),
        reconstruction=job.reconstruction,
        split=Split(("IMG_0003.jpg", "IMG_0004.jpg"), ("IMG_0001.jpg",), ("IMG_0005.jpg",)),
        step=Step(12, 20, 0.6, 0.1, math.nan, 50),
        exposures=np.full((2, 2, 3), 0.5, np.float32),
        metrics={"note": "kept"},
    )
    splats = SplatArrays.from_gaussians(cloud(50))
    opened = opened_again(tmp_path / "a.maquette", facts, splats)
    again = opened.facts
    assert again is not None
    assert again.plan == facts.plan
    assert again.split == facts.split
    assert again.reconstruction is not None
    assert len(again.reconstruction.photos) == 8
    assert again.step is not None
    assert math.isnan(again.step.psnr)
    assert replace(again.step, psnr=0.0) == Step(12, 20, 0.6, 0.1, 0.0, 50)
    assert np.array_equal(again.exposures, facts.exposures)  # type: ignore[arg-type]
    assert again.metrics["note"] == "kept"
    assert isinstance(opened.content, SplatArrays)
    assert np.array_equal(opened.content.means, splats.means)


def test_a_project_may_hold_photos_alone_or_nothing(job: BuildJob, tmp_path: Path) -> None:
    for k, plan in enumerate((Plan(job.capture), Plan())):
        opened = opened_again(tmp_path / f"{k}.maquette", ProjectFacts(plan), None)
        facts = opened.facts
        assert facts is not None
        assert facts.plan == plan
        assert opened.content is None
        rest = (facts.reconstruction, facts.split, facts.step, facts.exposures)
        assert rest == (None, None, None, None)


def test_frames_of_a_video_move_into_the_project(job: BuildJob, tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    Image.fromarray(np.zeros((120, 160, 3), np.uint8)).save(work / "frame.jpg")
    frame = replace(job.capture.photos[0], path=work / "frame.jpg")
    plan = Plan(replace(job.capture, photos=(frame,)))
    opened = opened_again(tmp_path / "a.maquette", ProjectFacts(plan), None)
    assert opened.facts is not None
    assert opened.facts.plan.capture is not None
    (photo,) = opened.facts.plan.capture.photos
    assert photo.path.parent == tmp_path / "a.maquette" / "photos"
    assert photo.path.is_file()


@pytest.mark.slow
def test_building_from_photos_alone(capture: Capture, tmp_path: Path) -> None:
    """With the room's photos at their full size, which the solver needs."""
    from tests.small_room import SAMPLE

    found = list(read_photos(Control(), [SAMPLE / "photos"], tmp_path))[-1]
    assert isinstance(found, Capture)
    events = list(build_scene(Control(), BuildJob(found, SETTINGS, tmp_path / "build")))
    placed = next(event for event in events if isinstance(event, told.Placed))
    assert len(placed.reconstruction.photos) == 12
    assert isinstance(events[-1], Snapshot)
