"""Training that stops, is written to a file, and goes on: it arrives where it would have."""

from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch

from core.errors import UserError
from core.gaussians.table import Gaussians
from core.train.schedule import TrainConfig
from core.train.standing import Standing, Whereabouts, read_standing, write_standing
from core.train.steps import Snapshot, Step
from core.train.trainer import Reached, train
from tests.scenes import posed_photos

# All that has a memory is on: growth, exposures, cameras that move, dropout and dice.
CONFIG = TrainConfig(
    iterations=24, grow_every=5, grow_from=0.0, grow_until=1.0, grow_gradient=1e-6,
    max_gaussians=400, rate_exposure=1e-3, rate_pose=1e-4, dropout=0.2, random_ground=True,
    opacity_decay=0.001, coarse=((0.3, 2),), snapshot_seconds=1e9,
)  # fmt: skip


def same(one: Gaussians, other: Gaussians) -> bool:
    names = [field.name for field in fields(Gaussians)]
    return all(torch.equal(getattr(one, name), getattr(other, name)) for name in names)


def run(
    until: int | None, reached: Reached, config: TrainConfig = CONFIG
) -> tuple[Snapshot, Whereabouts, list[Step]]:
    """Train until an iteration or to the end; the last snapshot."""
    truth, photos, views = posed_photos()
    start = replace(truth, means=truth.means + 0.03)
    steps: list[Step] = []
    whereabouts = Whereabouts()
    last: Snapshot | None = None
    stop = (lambda: len(steps) >= until) if until is not None else (lambda: False)
    for value in train(
        start, views, photos, config, stop=stop, reached=reached, whereabouts=whereabouts
    ):
        if isinstance(value, Step):
            steps.append(value)
        else:
            last = value
    assert last is not None
    return last, whereabouts, steps


def reopened(whereabouts: Whereabouts, folder: Path) -> Standing:
    standing = whereabouts.now()
    assert standing is not None
    write_standing(folder / "standing", standing)
    return read_standing(folder / "standing")


@pytest.mark.parametrize("stops", [[12], [7, 5, 8]])
def test_training_in_parts_is_training_in_one_go(stops: list[int], tmp_path: Path) -> None:
    whole, ended, steps = run(None, Reached())
    assert ended.now() is None
    reached, seen = Reached(), []
    for stop in stops:
        _, whereabouts, part = run(stop, reached)
        standing = reopened(whereabouts, tmp_path)
        reached = Reached(standing.step.iteration, standing.step.spent, None, standing)
        seen += part
    last, _, part = run(None, reached)
    assert [step.iteration for step in (*seen, *part)] == list(range(1, 25))
    assert (*seen, *part) == (*steps,)
    assert same(last.gaussians, whole.gaussians)
    assert torch.equal(last.exposures, whole.exposures)
    for one, other in zip(last.views, whole.views, strict=True):
        assert torch.equal(one.camera_from_scene, other.camera_from_scene)
    assert len(whole.gaussians) > len(posed_photos()[0])  # it has grown


def test_the_dice_and_the_memory_matter(tmp_path: Path) -> None:
    whole, _, _ = run(None, Reached())
    stopped, _, _ = run(12, Reached())
    _, photos, views = posed_photos()
    step = stopped.step
    reached = Reached(step.iteration, step.spent, stopped.exposures)
    *_, last = train(stopped.gaussians, views, photos, CONFIG, reached=reached)
    assert isinstance(last, Snapshot)
    assert not same(last.gaussians, whole.gaussians)


def test_more_iterations_may_be_asked_for(tmp_path: Path) -> None:
    _, whereabouts, _ = run(12, Reached())
    standing = reopened(whereabouts, tmp_path)
    longer = replace(CONFIG, iterations=30)
    last, _, steps = run(None, Reached(12, 12 / 30, None, standing), longer)
    assert [step.iteration for step in steps] == list(range(13, 31))
    assert steps[-1].iterations == 30
    assert last.step.iteration == 30


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "standing"
    for content in (b"", b"\xff" * 100):
        path.write_bytes(content)
        with pytest.raises(UserError, match="cannot be read"):
            read_standing(path)
