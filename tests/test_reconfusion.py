"""ReconFusion's network: it follows the geometry, learns, and is the same after every pause."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.errors import UserError
from core.geometry.camera import project, unproject
from core.prior.backends.load import load_prior
from core.prior.protocol import Target
from core.prior.reconfusion.config import Config
from core.prior.reconfusion.folder import load_reconfusion, make, save_reconfusion
from core.prior.reconfusion.prior import ReconFusion
from core.prior.reconfusion.question import depths, gathered, landing
from core.prior.reconfusion.radiance import composited
from core.prior.reconfusion.shots import asked_of, drawn, guessed_range, mirrored, together
from core.prior.reconfusion.training import TrainConfig, Training
from core.train.losses import psnr
from tests.reconfusion_scenes import TINY, WALL, capture, draft, needed, painting, shown, views

QUICK = TrainConfig(batch=3, rate=4e-3, warm=5, average=0.9)


def untrained() -> ReconFusion:
    needed()
    return make(TINY)


def run(training: Training, first: int, last: int, total: int) -> list[float]:
    """The losses of some steps, both together."""
    steps = [training.advance(step / total) for step in range(first, last)]
    return [losses.denoising + losses.nerf for losses in steps]


def loss_of(prior: ReconFusion) -> float:
    """Of a few questions that are always the same, none of them asked without photos."""
    generator = torch.Generator().manual_seed(0)
    pairs = [drawn(capture(1), generator) for _ in range(6)]
    training = Training(prior, [capture(1)], TrainConfig(dropout=0.0, seed=3))
    asked, answers = together([pair[0] for pair in pairs]), torch.cat([pair[1] for pair in pairs])
    with torch.no_grad():
        return sum(float(each) for each in training.losses(asked, answers))


def refined(prior: ReconFusion, seed: int = 0, **changes: object) -> Target:
    steps = prior.refine(draft(1, **changes), 1.0, seed)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def same(one: ReconFusion, other: ReconFusion) -> bool:
    first, second = one.network.state_dict(), other.network.state_dict()
    return all(torch.equal(value, second[name]) for name, value in first.items())


@pytest.fixture(scope="module")
def trained() -> ReconFusion:
    needed()
    training = Training(make(TINY), [capture(1)], QUICK)
    run(training, 0, 60, 60)
    return training.averaged()


def test_points_land_where_they_project() -> None:
    asked = asked_of(capture(1), 3, [2, 5, 1])
    z = depths(asked, 5)
    at = landing(asked, z, 24, 32)
    for plane in range(5):
        points = unproject(torch.full((24, 32), float(z[0, plane])), views()[3])
        for photo, number in enumerate((2, 5, 1)):
            pixels, _ = project(points, views()[number])
            found = (at.grid[0, photo, plane] + 1) / 2 * torch.tensor([32.0, 24.0])
            seen = at.seen[0, photo, plane]
            torch.testing.assert_close(found[seen], pixels[seen], atol=1e-3, rtol=1e-4)
            inside = ((pixels > 0) & (pixels < torch.tensor([32.0, 24.0]))).all(dim=-1)
            assert (inside == seen).float().mean() > 0.99


def test_what_is_painted_in_a_photo_is_gathered_where_it_projects() -> None:
    asked = asked_of(capture(1), 3, [2, 5, 1])
    asked = replace(asked, near=torch.tensor([WALL]), far=torch.tensor([WALL]))
    at = landing(asked, depths(asked, 1), 24, 32)
    painted = torch.zeros(1, 3, 1, 24, 32)
    painted[0, 1, 0, 9:12, 14:17] = 1
    found = gathered(painted, at)[0, 1, 0, 0].reshape(24, 32)
    pixels, _ = project(unproject(torch.full((24, 32), WALL), views()[3]), views()[5])
    near = (pixels - torch.tensor([15.5, 10.5])).abs().amax(dim=-1)
    assert bool((found[near < 0.9] > 0.9).all())
    assert bool((found[near > 2.1] == 0).all())
    assert int((near < 0.9).sum()) > 0


def test_each_ray_is_shared_out_wholly() -> None:
    part = composited(torch.randn(2, 1, 7, 5, generator=torch.Generator().manual_seed(0)))
    torch.testing.assert_close(part.sum(dim=2), torch.ones(2, 1, 5))
    assert float(part.min()) >= 0


def test_a_mirror_changes_nothing_but_left_and_right() -> None:
    asked = asked_of(capture(1), 3, [2, 5])
    here, there = (landing(each, depths(each, 3), 6, 8) for each in (asked, mirrored(asked)))
    torch.testing.assert_close(there.grid[..., 1], here.grid[..., 1].flip(4))
    assert torch.equal(there.seen, here.seen.flip(4))
    torch.testing.assert_close(there.alike, here.alike.flip(4))


def test_the_range_is_guessed_about_what_cameras_look_at() -> None:
    near, far = guessed_range(views())
    assert near < 0.6 * WALL
    assert far > 1.2 * WALL


def test_it_learns_in_seconds(trained: ReconFusion) -> None:
    assert loss_of(trained) < 0.85 * loss_of(make(TINY))


def test_a_view_it_learned_is_shown_better_than_by_the_nearest_photo(
    trained: ReconFusion,
) -> None:
    truth = shown(views()[3], painting(1))
    nearest = shown(views()[2], painting(1))
    assert psnr(refined(trained).color, truth) > psnr(nearest, truth) + 2


def test_what_photos_saw_keeps_its_finer_parts() -> None:
    prior = untrained()
    fine = torch.rand(48, 64, 3, generator=torch.Generator().manual_seed(0))
    larger = draft(1).view.resized(64, 48)
    whole, none = torch.ones(48, 64), torch.zeros(48, 64)
    known = {"view": larger, "color": fine, "alpha": whole, "depth": WALL * whole}
    base = draft(1)
    kept, open_ = (replace(base, **known, visibility=seen) for seen in (whole, none))

    def answer(asked: object) -> Target:
        steps = prior.refine(asked, 0.01, 0)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                return end.value

    one, other = answer(kept).color, answer(open_).color
    assert one.shape == (48, 64, 3)
    rough = [float(each.diff(dim=0).abs().mean()) for each in (one, other)]
    assert rough[0] > 2 * rough[1]


def test_one_seed_one_answer(trained: ReconFusion) -> None:
    first, again, other = (refined(trained, seed).color for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_without_photos_it_is_as_if_there_were_none(
    trained: ReconFusion,
) -> None:
    prior = trained
    noisy = torch.randn(1, 12, 12, 16, generator=torch.Generator().manual_seed(0))
    answers, nothing = [], []
    for seed in (1, 2):
        asked = asked_of(capture(seed), 3, [2, 5, 1])
        given = prior.given(asked, noisy)
        zeroed = {name: torch.zeros_like(value) for name, value in given.items()}
        answers.append(prior.network(noisy, 500.0, given))
        nothing.append(prior.network(noisy, 500.0, zeroed))
    assert torch.equal(*nothing)
    assert not torch.allclose(*answers, atol=1e-2)


def test_it_is_the_same_to_the_bit_from_its_folder(trained: ReconFusion, tmp_path: Path) -> None:
    save_reconfusion(tmp_path, trained)
    found = load_reconfusion(tmp_path)
    assert same(found, trained)
    assert torch.equal(refined(found).color, refined(trained).color)
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "config.json", "network.safetensors"
    ]  # fmt: skip


def test_training_goes_on_as_if_never_stopped(tmp_path: Path) -> None:
    needed()
    captures = [capture(1), capture(2)]
    whole = Training(make(TINY), captures, QUICK)
    losses = run(whole, 0, 4, 4)
    half = Training(make(TINY), captures, QUICK)
    run(half, 0, 2, 4)
    half.save(tmp_path)
    other = Training(make(TINY, seed=5), captures, replace(QUICK, seed=9))
    other.resume(tmp_path)
    assert run(other, 2, 4, 4) == losses[2:]
    assert same(other.averaged(), whole.averaged())


def spoil(folder: Path, how: str) -> None:
    weights, config = folder / "network.safetensors", folder / "config.json"
    told = json.loads(config.read_text())
    if how == "no weights":
        weights.unlink()
    elif how == "cut off":
        weights.write_bytes(weights.read_bytes()[:-100])
    elif how == "no config":
        config.unlink()
    elif how == "half a config":
        config.write_text(config.read_text()[:50])
    elif how == "other sizes":
        config.write_text(json.dumps({**told, "hidden": 16}))
    elif how == "a word for a number":
        config.write_text(json.dumps({**told, "side": "big"}))
    else:
        config.write_text(json.dumps({**told, "unet": {**told["unet"], "norm_num_groups": 7}}))


SPOILT = (
    "no weights", "cut off", "no config", "half a config", "other sizes", "a word for a number",
    "no such network",
)  # fmt: skip


@pytest.mark.parametrize("how", SPOILT)
def test_bad_files_are_told_in_a_sentence(tmp_path: Path, how: str) -> None:
    save_reconfusion(tmp_path, untrained())
    spoil(tmp_path, how)
    with pytest.raises(UserError) as told:
        load_reconfusion(tmp_path)
    assert told.value.problem.endswith(".")
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("how", ["none", "cut off", "other sizes"])
def test_training_that_cannot_go_on_says_so(tmp_path: Path, how: str) -> None:
    needed()
    training = Training(untrained(), [capture(1)], QUICK)
    state = tmp_path / "training.pt"
    if how != "none":
        training.save(tmp_path)
    if how == "cut off":
        state.write_bytes(state.read_bytes()[:1000])
    config = replace(TINY, hidden=16) if how == "other sizes" else TINY
    other = Training(make(config), [capture(1, config)], QUICK)
    with pytest.raises(UserError):
        other.resume(tmp_path)


def test_settings_are_read_as_they_were_written() -> None:
    assert Config.from_json(json.loads(json.dumps(Config().as_json()))) == Config()
    assert Config.from_json(json.loads(json.dumps(TINY.as_json()))) == TINY


def test_any_prior_can_be_one(tmp_path: Path) -> None:
    save_reconfusion(tmp_path, untrained())
    assert isinstance(load_prior(str(tmp_path)), ReconFusion)
