"""Losses, optimiser, row edits and the trainer: laws, and the fused kernels against torch."""

import math
import time
from dataclasses import replace

import pytest
import torch

from core.capture.reconstruction import SparsePoints
from core.errors import UserError
from core.gaussians.rows import RowEdit
from core.gaussians.start import gaussians_from_points
from core.gaussians.table import Gaussians
from core.geometry.rotation import matrix_from_quat
from core.render.rasterize import rasterize
from core.train.densify import plan_growth
from core.train.losses import photometric_loss, psnr, ssim
from core.train.optimizer import Adam
from core.train.rehearsal import rehearse
from core.train.schedule import TrainConfig
from core.train.steps import Snapshot, Step
from core.train.trainer import Reached, train
from tests.scenes import cloud, posed_photos


def picture(seed: int, height: int = 37, width: int = 53) -> torch.Tensor:
    return torch.rand(height, width, 3, generator=torch.Generator().manual_seed(seed))


def columns_of(gaussians: Gaussians) -> dict[str, torch.Tensor]:
    names = ("means", "quats", "log_scales", "logit_opacity", "sh")
    return {name: getattr(gaussians, name) for name in names}


def test_the_fused_loss_is_the_one_in_torch() -> None:
    photo = (picture(2) * 255).byte()
    exposure = torch.tensor([[1.1, 0.9, 1.0], [0.02, -0.03, 0.0]])
    results = []
    for kind in (torch.float64, torch.float32):
        color = picture(1).to(kind).requires_grad_()
        shown = exposure.to(kind).requires_grad_()
        fit = photometric_loss(color, photo, shown)
        (2 * fit.loss).backward()
        results.append((fit.loss.detach(), fit.squared_error, color.grad, shown.grad))
    for expected, found in zip(*results, strict=True):
        one, other = torch.as_tensor(expected).double(), torch.as_tensor(found).double()
        torch.testing.assert_close(other, one, atol=1e-8, rtol=1e-5)


def test_a_picture_is_most_like_itself() -> None:
    first, second = picture(1), picture(2)
    assert float(ssim(first, first)) == pytest.approx(1, abs=1e-6)
    assert float(ssim(first, second)) < 0.2
    assert psnr(first, first + 0.1) == pytest.approx(20, abs=1e-4)


def test_adam_is_that_of_torch() -> None:
    start = torch.randn(7, 3, generator=torch.Generator().manual_seed(0))
    ours, theirs = Adam({"x": start}), start.clone().requires_grad_()
    reference = torch.optim.Adam([theirs], lr=0.01, eps=1e-15)
    for _ in range(20):
        (ours.columns["x"] ** 2).sum().backward()
        ours.step({"x": torch.full((3,), 0.01)})
        reference.zero_grad()
        (theirs**2).sum().backward()
        reference.step()
    torch.testing.assert_close(ours.columns["x"], theirs)


def test_columns_beyond_the_rates_stay() -> None:
    adam = Adam({"sh": torch.ones(4, 2, 3)})
    adam.columns["sh"].sum().backward()
    adam.step({"sh": torch.full((3,), 0.1)})
    assert (adam.columns["sh"][:, 1] == 1).all()
    assert (adam.columns["sh"][:, 0] < 1).all()


def test_row_edits_compose_and_newborn_rows_remember_nothing() -> None:
    first = RowEdit(torch.tensor([0, 2, 2, 3]), torch.tensor([False, False, True, False]))
    second = RowEdit(torch.tensor([3, 2, 1]), torch.tensor([False, False, True]))
    column = torch.arange(1.0, 6.0)
    both = first.then(second)
    torch.testing.assert_close(both.carry(column), second.carry(first.carry(column)))
    expected = second.carry_memory(first.carry_memory(column))
    torch.testing.assert_close(both.carry_memory(column), expected)


def test_a_table_names_its_columns_when_they_disagree() -> None:
    gaussians = cloud(5)
    with pytest.raises(ValueError, match="quats"):
        replace(gaussians, quats=gaussians.quats[:4])


def test_growth_keeps_to_the_cap_and_prunes_what_cannot_be_seen() -> None:
    gaussians = cloud(100)
    faint = gaussians.logit_opacity.clone()
    faint[:10] = -9
    columns = columns_of(replace(gaussians, logit_opacity=faint))
    config = TrainConfig(max_gaussians=120)
    pulls = torch.linspace(0, 1e-3, 100)
    edit, _ = plan_growth(columns, pulls, 4.0, config, torch.Generator())
    assert len(edit.parent) == 120
    assert not torch.isin(torch.arange(10), edit.parent).any()
    grown = torch.bincount(edit.parent, minlength=100) == 2
    assert grown[-30:].all(), "the strongest pulls grow first"


def test_a_copied_gaussian_and_its_copy_look_as_the_one_did() -> None:
    gaussians = cloud(1)
    columns = columns_of(gaussians)
    edit, changed = plan_growth(columns, torch.ones(1), 1e3, TrainConfig(), torch.Generator())
    pair = torch.sigmoid(changed["logit_opacity"])
    assert len(pair) == 2
    one = torch.sigmoid(gaussians.logit_opacity)
    torch.testing.assert_close(1 - (1 - pair[:1]) * (1 - pair[1:]), one)
    torch.testing.assert_close(changed["means"][0], changed["means"][1])
    assert edit.fresh.tolist() == [False, True]


def test_the_halves_of_a_split_spread_along_the_parents_axes() -> None:
    flat = torch.log(torch.tensor([[2.0, 1e-4, 1e-4]])).repeat(500, 1)
    parents = cloud(500)
    columns = columns_of(replace(parents, log_scales=flat))
    config = TrainConfig(max_gaussians=2000)
    edit, changed = plan_growth(columns, torch.ones(500), 50.0, config, torch.Generator())
    moved = changed["means"] - edit.carry(parents.means)
    along = matrix_from_quat(edit.carry(parents.quats)).transpose(1, 2) @ moved[..., None]
    assert along[:, 1:].abs().max() < 1e-2
    assert float(along[:, 0].std()) == pytest.approx(2.0, rel=0.1)


def test_gaussians_start_as_wide_as_the_gaps_between_points() -> None:
    grid = torch.stack(torch.meshgrid(*[torch.arange(4.0)] * 3, indexing="ij"), dim=-1)
    points = replace(
        SparsePoints.none(),
        positions=grid.reshape(-1, 3).double().numpy(),
        colors=torch.full((64, 3), 255, dtype=torch.uint8).numpy(),
    )
    start = gaussians_from_points(points)
    torch.testing.assert_close(start.log_scales.exp(), torch.ones(64, 3), atol=1e-4, rtol=0)
    with pytest.raises(UserError, match="Only 0 points"):
        gaussians_from_points(SparsePoints.none())


def disturbed(gaussians: Gaussians) -> Gaussians:
    noise = torch.randn(gaussians.means.shape, generator=torch.Generator().manual_seed(1))
    return replace(gaussians, means=gaussians.means + 0.1 * noise, sh=gaussians.sh * 0)


def test_training_finds_the_scene_that_made_the_photos() -> None:
    truth, photos, views = posed_photos()
    config = TrainConfig(iterations=300, max_gaussians=400, snapshot_seconds=1e9)
    values = list(train(disturbed(truth), views, photos, config))
    steps = [value for value in values if isinstance(value, Step)]
    assert [step.iteration for step in steps] == list(range(1, 301))
    assert isinstance(values[-1], Snapshot)
    assert max(step.gaussians for step in steps) <= 400
    shown = rasterize(values[-1].gaussians, views[2]).color
    before = rasterize(disturbed(truth), views[2]).color
    target = photos[2].float() / 255
    assert psnr(shown, target) > psnr(before, target) + 5
    assert psnr(shown, target) > 25


def test_training_is_deterministic_and_snapshots_are_never_written_to() -> None:
    truth, photos, views = posed_photos()
    config = TrainConfig(iterations=40, max_gaussians=200, snapshot_seconds=0, grow_every=10)
    runs = []
    for _ in range(2):
        shots = [
            (shot, shot.gaussians.means.clone())
            for shot in train(disturbed(truth), views, photos, config)
            if isinstance(shot, Snapshot)
        ]
        assert all(torch.equal(shot.gaussians.means, then) for shot, then in shots)
        runs.append(shots[-1][0].gaussians)
    for name, column in columns_of(runs[0]).items():
        assert torch.equal(column, getattr(runs[1], name)), name


def test_marks_follow_their_rows_through_growth_and_pruning() -> None:
    truth, photos, views = posed_photos()
    kind = (torch.arange(len(truth)) % 3).to(torch.uint8)
    start = replace(disturbed(truth), object_id=kind.long(), origin=kind, confidence=kind / 3)
    start.logit_opacity[::7] = -9  # too faint to stay
    config = TrainConfig(iterations=40, max_gaussians=200, snapshot_seconds=0, grow_every=10)
    last = list(train(start, views, photos, config))[-1]
    assert isinstance(last, Snapshot)
    assert len(last.gaussians) > len(truth)
    assert not torch.equal(last.gaussians.origin[: len(truth)], kind)
    assert torch.equal(last.gaussians.origin.long(), last.gaussians.object_id)
    assert torch.equal(last.gaussians.confidence, last.gaussians.origin / 3)


def test_a_time_limit_ends_training_with_a_snapshot() -> None:
    truth, photos, views = posed_photos()
    config = TrainConfig(iterations=10**6, time_limit=0.5)
    last = list(train(disturbed(truth), views, photos, config))[-1]
    assert isinstance(last, Snapshot)
    assert last.step.iteration < 10**5


def test_stopping_ends_training_before_the_next_iteration() -> None:
    truth, photos, views = posed_photos()
    steps: list[Step] = []
    for value in train(truth, views, photos, TrainConfig(), stop=lambda: len(steps) == 3):
        if isinstance(value, Step):
            steps.append(value)
    assert isinstance(value, Snapshot)
    assert value.step == steps[-1]
    assert len(steps) == 3


def test_the_start_is_shown_before_anything_is_trained() -> None:
    truth, photos, views = posed_photos()
    first = next(iter(train(truth, views, photos, TrainConfig())))
    assert isinstance(first, Snapshot)
    assert (first.step.iteration, first.step.gaussians) == (0, len(truth))
    assert torch.equal(first.gaussians.means, truth.means)


def test_training_goes_on_where_it_stood() -> None:
    truth, photos, views = posed_photos()
    config = TrainConfig(iterations=20, rate_exposure=1e-3, settled=-math.inf)
    found = torch.rand(len(photos), 2, 3, generator=torch.Generator().manual_seed(0))
    found += torch.tensor([[1.0] * 3, [0.0] * 3]) - found.mean(dim=0)
    values = list(train(truth, views, photos, config, reached=Reached(15, 0.75, found)))
    first, *steps, last = values
    assert isinstance(first, Snapshot)
    assert first.step.iteration == 15
    assert torch.equal(first.exposures, found)
    assert [step.iteration for step in steps if isinstance(step, Step)] == list(range(16, 21))
    assert next(step.spent for step in steps if isinstance(step, Step)) == 0.75
    assert isinstance(last, Snapshot)
    assert 0 < float((last.exposures - found).abs().max()) < 0.1


def test_a_time_limit_is_for_what_remains_and_pauses_are_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0

    def monotonic() -> float:
        nonlocal now
        now += 0.01  # so that an iteration, between two looks at the clock, takes as long
        return now

    monkeypatch.setattr(time, "monotonic", monotonic)
    truth, photos, views = posed_photos()
    config = TrainConfig(iterations=10**6, time_limit=0.205, settled=-math.inf)
    spent = []
    for value in train(truth, views, photos, config, reached=Reached(10, 0.5)):
        now += 100  # a pause
        if isinstance(value, Step):
            spent.append(value.spent)
    assert spent[0] == 0.5
    assert spent == sorted(spent)
    assert len(spent) == 21


def test_the_rehearsal_trains() -> None:
    rehearse()


def test_no_photo_is_an_error_with_a_way_out() -> None:
    with pytest.raises(UserError, match="no photo to train on"):
        next(iter(train(cloud(20), [], [], TrainConfig())))
