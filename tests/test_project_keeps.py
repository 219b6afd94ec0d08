"""What a project keeps besides Gaussians: reworks, where training stands; undo copies nothing."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.engine.control import Control
from app.jobs.kinds import build_scene, find_moved_photos, open_file, save_project_to
from app.jobs.values import BuildJob, KeepTraining, Moved, NotKept, Opened, ProjectFacts
from core.capture.colmap import read_colmap
from core.capture.find import find_photos
from core.capture.names import match_names
from core.capture.photos import Capture
from core.gaussians.arrays import SplatArrays
from core.pipeline.build import Host, Task, build
from core.pipeline.settings import PRESETS, Preset
from core.pipeline.split import Choice
from core.project.folder import open_project
from core.render.devices import choose_device
from core.scene.cuts import Relabel
from core.scene.document import Document, State
from core.scene.edits import ChangeSettings
from core.scene.holds import standing_of
from core.scene.layout_edits import Delete
from core.scene.photo_edits import RelocatePhotos
from core.scene.plan import Plan
from core.scene.regions import Box
from core.scene.reworks import Rework
from core.train.standing import Whereabouts, read_standing, write_standing
from core.train.steps import Kept, Snapshot, Step
from tests.scenes import cloud
from tests.small_room import make_room
from tests.test_resume import same

SETTINGS = replace(PRESETS[Preset.QUICK], iterations=16, max_size=96, max_gaussians=3000)


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> BuildJob:
    folder = tmp_path_factory.mktemp("room")
    photos, model = make_room(folder / "room")
    (*_, capture) = find_photos([photos], folder)
    assert isinstance(capture, Capture)
    known = match_names(read_colmap(model), capture)
    return BuildJob(capture, SETTINGS, folder / "work", reconstruction=known)


def told_after(job: BuildJob, step: int) -> Iterator[object]:
    """The values of the job, which is told to keep where it stands after a step."""
    control, said = Control(), []
    control.say = said.append
    for value in build_scene(control, job):
        yield value
        if isinstance(value, Step) and value.iteration == step:
            control._told.append(KeepTraining())
        control.between()
        yield from said
        said.clear()


def test_the_builder_tells_where_it_stands_when_it_is_asked(job: BuildJob, tmp_path: Path) -> None:
    kept = [value for value in told_after(job, 6) if isinstance(value, Kept | NotKept)]
    (found,) = kept  # and nothing at the end, where nothing is left to do
    assert isinstance(found, Kept)
    assert found.iteration == 6
    assert found.size == found.path.stat().st_size
    assert read_standing(found.path).step.iteration == 6
    step = Step(6, 16, 0.4, 0.1, 20.0, 50)
    facts = ProjectFacts(Plan(job.capture), job.reconstruction, step=step, training=found)
    list(save_project_to(Control(), tmp_path / "a.maquette", facts, tmp_path))
    (*_, opened) = open_file(Control(), tmp_path / "a.maquette")
    assert isinstance(opened, Opened)
    assert opened.facts is not None
    again = opened.facts.training
    assert again is not None
    assert (again.iteration, again.size) == (6, found.size)
    assert again.path.is_relative_to(tmp_path / "a.maquette")
    # It goes on from there, the seventh step first.
    on = replace(job, step=step, training=again.path)
    splats = SplatArrays.from_gaussians(cloud(50))
    steps = [v.iteration for v in build_scene(Control(), on, splats) if isinstance(v, Step)]
    assert steps[1:] == list(range(7, 17)) or steps == list(range(7, 17))


@pytest.mark.slow
def test_building_in_parts_is_building_in_one_go(job: BuildJob, tmp_path: Path) -> None:
    """With stereo, depths and the backdrop, which are made again."""
    assert job.reconstruction is not None

    def built(task: Task, stop_after: int | None, stands: Whereabouts) -> Snapshot:
        seen: list[Step] = []
        last: Snapshot | None = None
        host = Host(
            stop=lambda: stop_after is not None and len(seen) >= stop_after, whereabouts=stands
        )
        assert job.reconstruction is not None
        for value in build(job.capture, job.reconstruction, tmp_path, task, host):
            if isinstance(value, Step) and value.iteration:
                seen.append(value)
            if isinstance(value, Snapshot):
                last = value
        assert last is not None
        return last

    task = Task(SETTINGS, Choice(), choose_device("cpu"))
    whole = built(task, None, Whereabouts())
    stands = Whereabouts()
    stopped = built(task, 8, stands)
    standing = stands.now()
    assert standing is not None
    write_standing(tmp_path / "standing", standing)
    on = replace(task, begin=stopped, standing=read_standing(tmp_path / "standing"))
    assert same(built(on, None, Whereabouts()).gaussians, whole.gaussians)


def test_an_object_changed_by_words_stays_one(tmp_path: Path) -> None:
    base = SplatArrays.from_gaussians(cloud(30))
    base = replace(base, object_id=np.repeat(np.array([0, 2], np.int32), 15))
    changed = SplatArrays.from_gaussians(cloud(9, seed=3))
    splats = replace(changed, object_id=np.full(9, 2, np.int32))
    told = (Relabel(Box((0.0, 0.0, 0.0), (1.0, 2.0, 3.0)), frozenset({1}), 2),)
    rework = Rework(2, "a blue chair", splats, told)
    folder = tmp_path / "a.maquette"
    list(save_project_to(Control(), folder, ProjectFacts(Plan(reworks=(rework,))), tmp_path, base))
    (*_, opened) = open_file(Control(), folder)
    assert isinstance(opened, Opened)
    assert isinstance(opened.content, SplatArrays)
    assert np.array_equal(opened.content.means, base.means)  # what is trained on
    assert opened.facts is not None
    (again,) = opened.facts.plan.reworks
    assert (again.object_id, again.words, again.relabels) == (2, "a blue chair", told)
    assert np.array_equal(again.splats.means, changed.means)
    assert len(open_project(folder).scene) == 15 + 9  # what is shown and exported


def test_undo_copies_no_arrays() -> None:
    content = SplatArrays.from_gaussians(cloud(1000))
    content = replace(content, object_id=np.arange(1000, dtype=np.int32) % 20)
    document = Document(State(content=content))
    for k in range(2, 12):
        document.commit(Delete((k,)))
        document.commit(ChangeSettings(PRESETS[Preset.BEST if k % 2 else Preset.QUICK]))
    assert document.history_size == 0
    for step in (document.undo, document.redo):
        for _ in range(20):
            step()
            assert document.state.content is content


def test_what_is_known_of_training_is_of_the_scene_that_is_shown(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "x", 10, 1)
    for iteration, holds in ((9, True), (10, True), (11, False)):
        state = State(step=Step(iteration, 20, 0.5, 0.1, 20.0, 5), training=kept)
        assert (standing_of(state) is kept) is holds


def test_moved_photos_are_told_by_name_and_size(job: BuildJob, tmp_path: Path) -> None:
    first, second, third = job.capture.photos[:3]
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / first.path.name.upper()).write_bytes(first.path.read_bytes())
    (tmp_path / second.path.name).write_bytes(b"another file of that name")
    names = (first.name, second.name, third.name)
    (*_, found) = find_moved_photos(Control(), job.capture, names, tmp_path)
    assert found == Moved(
        {first.name: tmp_path / "deep" / first.path.name.upper()}, (second.name, third.name)
    )
    plan = RelocatePhotos(found.places).apply(Plan(job.capture))
    assert plan.capture is not None
    assert plan.capture.photos[0].path == found.places[first.name]
    assert plan.capture.photos[1:] == job.capture.photos[1:]
