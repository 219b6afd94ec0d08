"""Training with priors whose answers are known: the truth helps, and what is wrong does no harm."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.prior.cameras import path_of, place_on
from core.prior.perceptual import structure_distance
from core.prior.pool import PoolConfig
from core.prior.sample_loss import SampleConfig, SampleLoss, weight_at
from core.prior.visibility import sight
from core.render.rasterize import rasterize
from core.train.losses import psnr
from core.train.schedule import TrainConfig
from core.train.steps import Snapshot
from core.train.terms import Manner, Term
from core.train.trainer import train
from tests.prior_scenes import Oracle, looking, photographed, room

VIEWS = [looking((x, 0.5, -0.8), (0.8 * x, 0.2, 4)) for x in (-0.9, 0.9)]
POOL = PoolConfig(targets=12, every=40, longest=64)
CONFIG = SampleConfig(weight=2.0, weight_end=1.0, pool=POOL)
MANNER = Manner(sh_degree=0, background=torch.zeros(3), probe=False)
Change = Callable[[Tensor], Tensor]


def rough_start() -> Gaussians:
    """Some of what the photos saw, not quite where it is, without colours."""
    generator = torch.Generator().manual_seed(0)
    seen = torch.nonzero(sight(room(), VIEWS).visible > 0.5)[:, 0]
    rows = room().rows(seen[torch.randperm(len(seen), generator=generator)[:200]])
    return replace(
        rows,
        means=rows.means + 0.3 * torch.randn(rows.means.shape, generator=generator),
        sh=torch.zeros_like(rows.sh),
        log_scales=torch.full_like(rows.log_scales, -1.6),
        logit_opacity=torch.zeros_like(rows.logit_opacity),
    )


def trained(*terms: Term, iterations: int = 400) -> Gaussians:
    config = TrainConfig(
        iterations=iterations, max_gaussians=1000, sh_degree=0, snapshot_seconds=1e9
    )
    *_, last = train(rough_start(), VIEWS, photographed(room(), VIEWS), config, terms=terms)
    assert isinstance(last, Snapshot)
    return last.gaussians


def term(change: Change = lambda picture: picture, config: SampleConfig = CONFIG) -> SampleLoss:
    return SampleLoss(Oracle(room(), change), VIEWS, photographed(room(), VIEWS), config)


def mean_psnr(scene: Gaussians, views: list[View]) -> float:
    pictures = [(rasterize(scene, view).color, rasterize(room(), view).color) for view in views]
    return sum(psnr(*pair) for pair in pictures) / len(views)


def held_out() -> list[View]:
    generator = torch.Generator().manual_seed(99)
    path = path_of(VIEWS, [4.8] * 2)
    return [place_on(path, generator) for _ in range(5)]


def blurred(picture: Tensor) -> Tensor:
    soft = avg_pool2d(picture.permute(2, 0, 1)[None], 3, 1, 1, count_include_pad=False)[0]
    noise = torch.randn(picture.shape, generator=torch.Generator().manual_seed(3))
    return (soft.permute(1, 2, 0) + 0.05 * noise).clamp(0, 1)


def same(one: Gaussians, other: Gaussians) -> bool:
    columns = ("means", "quats", "log_scales", "logit_opacity", "sh")
    return all(torch.equal(getattr(one, name), getattr(other, name)) for name in columns)


@pytest.fixture(scope="module")
def alone() -> Gaussians:
    return trained()


@pytest.mark.parametrize(
    ("change", "gain"),
    [(lambda picture: picture, 1.2), pytest.param(blurred, 1.0, marks=pytest.mark.slow)],
    ids=["truth", "blurred"],
)
def test_a_prior_that_knows_shows_places_without_photos(
    alone: Gaussians, change: Change, gain: float
) -> None:
    found = trained(term(change))
    assert mean_psnr(found, held_out()) > mean_psnr(alone, held_out()) + gain


WRONG: dict[str, Change] = {
    "inverted": lambda picture: 1 - picture,
    "other colours": lambda picture: picture[..., [1, 2, 0]],
    "grey": lambda picture: torch.full_like(picture, 0.5),
}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(WRONG["inverted"], id="inverted", marks=pytest.mark.slow),
        pytest.param(WRONG["other colours"], id="other colours"),
        pytest.param(WRONG["grey"], id="grey"),
    ],
)
def test_what_contradicts_the_photos_does_no_harm(alone: Gaussians, change: Change) -> None:
    found = trained(term(change))
    assert mean_psnr(found, VIEWS) > mean_psnr(alone, VIEWS) - 0.1
    assert mean_psnr(found, held_out()) > mean_psnr(alone, held_out()) - 0.5


def test_with_no_weight_nothing_changes_to_the_bit() -> None:
    silent = term(config=replace(CONFIG, weight=0.0))
    assert same(trained(iterations=40), trained(silent, iterations=40))
    assert silent.targets() == ()


def test_one_seed_one_scene() -> None:
    assert same(trained(term(), iterations=40), trained(term(), iterations=40))


def test_the_weight_falls_for_what_photos_saw_and_with_their_number() -> None:
    config = SampleConfig(weight=2.0, weight_end=0.1, begin=0.25)
    seen = torch.tensor([0.0, 0.5, 1.0])
    for spent, photos, wanted in (
        (0.2, 3, [0, 0, 0]),
        (0.5, 3, [2.0, 2.0 * 0.775, 2.0 * 0.55]),
        (1.0, 2, [2.0, 2.0 * 0.55, 0.2]),
        (0.5, 12, [0.5, 0.5 * 0.775, 0.5 * 0.55]),
    ):
        found = weight_at(seen, spent, config, photos)
        torch.testing.assert_close(found, torch.tensor(wanted, dtype=torch.float32))


def worked(config: PoolConfig, steps: int, spent: float) -> tuple[SampleLoss, Oracle]:
    oracle = Oracle(room())
    loss = SampleLoss(oracle, VIEWS, photographed(room(), VIEWS), SampleConfig(pool=config))
    for _ in range(steps):
        loss.added(room(), spent, {"sh_degree": 0, "background": torch.zeros(3), "probe": False})
    return loss, oracle


def test_a_prior_that_is_no_use_is_seldom_asked() -> None:
    useless = Oracle(room(), WRONG["inverted"])
    config = SampleConfig(pool=PoolConfig(targets=12, every=20, longest=48))
    loss = SampleLoss(useless, VIEWS, photographed(room(), VIEWS), config)
    for _ in range(60):
        loss.added(room(), 0.5, MANNER)
    assert loss.targets() == ()
    assert 2 <= len(useless.asked) <= 4


def test_the_oldest_targets_are_replaced() -> None:
    config = PoolConfig(targets=3, every=10, longest=48)
    full, _ = worked(config, 20, 0.5)
    later, _ = worked(config, 20 + 14, 0.5)
    assert len(full.targets()) == len(later.targets()) == 3
    before, after = full.targets(), later.targets()
    assert torch.equal(after[0].color, before[1].color)
    assert not any(torch.equal(after[2].color, held.color) for held in before)


@pytest.mark.parametrize(("spent", "least"), [(0.0, 1.0), (0.5, 0.5), (1.0, 0.0)])
def test_less_and_less_noise_is_asked_for(spent: float, least: float) -> None:
    _, oracle = worked(PoolConfig(targets=20, longest=32), 60, spent)
    levels = [level for _, level, _ in oracle.asked]
    assert len(levels) > 10
    assert all(least <= level <= 1 for level in levels)
    assert len({seed for _, _, seed in oracle.asked}) == len(levels)


def test_a_prior_is_shown_what_is_known_and_the_nearest_photos() -> None:
    _, oracle = worked(PoolConfig(targets=2, longest=48), 8, 0.5)
    draft, _, _ = oracle.asked[0]
    size = (36, 48)
    assert draft.color.shape == (*size, 3)
    assert draft.alpha.shape == draft.depth.shape == draft.visibility.shape == size
    assert [photo.color.shape for photo in draft.photos] == [(*size, 3)] * 2
    assert float(draft.visibility.mean()) > 0.2
    away = [float((p.view.centre() - draft.view.centre()).norm()) for p in draft.photos]
    assert away == sorted(away)
    for photo in draft.photos:
        shown = rasterize(room(), photo.view).color
        assert psnr(photo.color, shown) > 25


def test_structure_is_the_same_whatever_is_added_to_all_of_it() -> None:
    picture = torch.rand(32, 40, 3, generator=torch.Generator().manual_seed(0))
    whole = torch.ones(32, 40)
    assert float(structure_distance(picture, picture, whole)) == 0
    assert float(structure_distance(picture + 0.3, picture, whole)) < 1e-6
    soft = blurred(picture)
    assert float(structure_distance(soft, picture, whole)) > 0.05
    assert float(structure_distance(soft, picture, 0 * whole)) == 0
    moved = picture.roll(1, 1)
    assert float(structure_distance(moved, picture, whole)) > 0.05


def test_what_is_not_relied_on_pulls_at_nothing() -> None:
    picture = torch.rand(32, 40, 3, generator=torch.Generator().manual_seed(0)).requires_grad_()
    weight = torch.ones(32, 40)
    weight[:, 24:] = 0
    structure_distance(picture, torch.zeros(32, 40, 3), weight).backward()
    assert float(picture.grad[:, 24:].abs().max()) == 0
    assert float(picture.grad[:, :16].abs().median()) > 0
