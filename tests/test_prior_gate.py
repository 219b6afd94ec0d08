"""Photos left out decide about a prior from a folder: whether, where, how far, at what cost."""

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from core.gaussians.table import Gaussians
from core.pipeline import priors
from core.pipeline.events import Remark
from core.pipeline.folds import Small
from core.pipeline.loaded import UNTRIED
from core.pipeline.priors import Help, find_help
from core.pipeline.tried import Tried
from core.prior.allowance import MAKING, picture_work
from core.prior.backends import load
from core.prior.drafts import draft_of
from core.prior.effort import effort_of
from core.prior.measured import BLIND, PARTS, Compared, Measured, Measuring, Strides, parts_of
from core.prior.pool import PoolConfig
from core.prior.protocol import Draft, Prior, Target
from core.prior.sample_loss import SampleConfig, SampleLoss
from core.prior.visibility import sight
from core.progress import Progress
from tests.fold_scenes import STANDARD, VIEWS, last, remade, small_and_folds, spoiled
from tests.prior_scenes import Oracle, photographed, room
from tests.test_sample_loss import MANNER

PIXELS = 3000.0
FOLDER = replace(STANDARD, prior="somewhere")


def draft() -> Draft:
    """The spoiled room between two photos: holes, hidden and seen parts."""
    photos = [photo.float() / 255 for photo in photographed(room(), VIEWS[::3])]
    scene = spoiled(room())
    return draft_of(scene, sight(scene, VIEWS[::3]), VIEWS[1], VIEWS[::3], photos)


def decided(
    monkeypatch: pytest.MonkeyPatch, prior: Prior, small: Small | None = None
) -> tuple[Help, list[str]]:
    """What becomes of `prior` from a folder, and the sentences that were told."""
    given, folds = small_and_folds()
    given = small or replace(given, pixels=PIXELS, iterations=3000)

    def folds_of(*_: object) -> Generator[Progress, None, Any]:
        yield from ()
        return folds if len(given.pictures.train) > 2 else None

    monkeypatch.setattr(load, "load_prior", lambda *_, **__: prior)
    monkeypatch.setattr(priors, "folds_of", folds_of)
    told: list[str] = []

    def listening() -> Generator[None, None, Help]:
        steps = find_help(lambda: given, 3.0, FOLDER, "cpu", lambda: False)
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            told.extend([step.words] if isinstance(step, Remark) else [])
            yield

    return last(listening()), told


def noisy(picture: Tensor) -> Tensor:
    return torch.rand(picture.shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("change", [lambda x: 1 - x, lambda x: x[..., [1, 2, 0]], noisy])
def test_a_wrong_prior_is_refused_before_any_scene_is_made_with_it(
    monkeypatch: pytest.MonkeyPatch, change: Any
) -> None:
    asked = remade(monkeypatch, room())
    found, told = decided(monkeypatch, Oracle(room(), change))
    assert asked == []
    assert found.prior is None
    assert found.terms([], [], 0) == ()
    assert found.tried is not None
    assert not found.tried.used
    assert "not used" in told[-1]


def test_a_true_prior_is_used_as_far_as_photos_left_out_bear_it_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    remade(monkeypatch, room())
    found, told = decided(monkeypatch, Oracle(room()))
    assert isinstance(found.prior, Measured)
    assert min(found.prior.strides.parts[2:]) > 0.9
    assert found.tried is not None
    assert found.tried.as_json()["strides"] == found.prior.strides.parts
    assert "takes" in told[0]
    assert "better, so it is used" in told[1]


def test_what_betters_pictures_but_not_scenes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = remade(monkeypatch, spoiled(spoiled(room())))
    found, told = decided(monkeypatch, Oracle(room()))
    assert len(asked) == 4
    assert found.prior is None
    assert "not used" in told[-1]


def test_what_is_too_slow_here_is_not_even_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = remade(monkeypatch, room())
    small = replace(small_and_folds()[0], pixels=PIXELS, iterations=10)
    slow = Layers(10, 40)
    found, told = decided(monkeypatch, slow, small)
    assert found.prior is None
    assert asked == []
    assert slow.done == 2
    assert len(told) == 1
    assert "too long beside training" in told[0]


def test_where_no_photo_can_be_left_out_it_fills_only_what_nobody_saw(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small, _ = small_and_folds()
    two = replace(small, pictures=replace(small.pictures, train=small.pictures.train[:2]))
    found, told = decided(monkeypatch, Oracle(room()), two)
    assert isinstance(found.prior, Measured)
    assert found.prior.strides == BLIND
    assert told == [UNTRIED]


def test_gains_of_one_photo_alone_are_chance() -> None:
    before = {"a": 20.0, "b": 20.0, "c": 20.0}
    lucky = Tried(before, {}, {}, {"a": 21.5, "b": 19.9, "c": 19.9})
    steady = Tried(before, {}, {}, {"a": 20.3, "b": 20.4, "c": 20.3})
    assert not lucky.used
    assert steady.used


def compared(strides: Sequence[float]) -> Compared:
    """A photo that a prior overshoots: the truth is so far along the way, by parts."""
    generator = torch.Generator().manual_seed(0)
    drawn, made = (torch.rand(3, 40, 50, generator=generator) for _ in range(2))
    part = torch.randint(PARTS, (40, 50), generator=generator)
    way = torch.tensor(strides)[part]
    return Compared(drawn + way * (made - drawn), drawn, made, part, torch.ones(40, 50))


def test_strides_are_those_that_lead_to_the_truth() -> None:
    planted = (0.3, 0.8, 0.5, 0.2, 0.0)
    school = Measuring(Oracle(room()), 0.7, 0)
    found = school.best([compared(planted)] * 3)
    assert found.parts == pytest.approx(planted, abs=0.01)
    lesson = compared(planted)
    assert school.psnr(lesson, found) > school.psnr(lesson, None) + 20


def test_strides_never_grow_with_what_photos_saw_and_the_least_photo_decides() -> None:
    school = Measuring(Oracle(room()), 0.7, 0)
    parts = school.best([compared((0.0, 0.1, 0.2, 0.5, 0.9))] * 2).parts
    assert list(parts[1:]) == sorted(parts[1:], reverse=True)
    mixed = [compared((0.5,) * PARTS), compared((0.1,) * PARTS), compared((0.1,) * PARTS)]
    assert max(school.best(mixed).parts) < 0.11
    assert school.best([]) == Strides()


def test_without_strides_a_draft_stays_as_it_is_and_nothing_is_claimed() -> None:
    given = draft()
    target = last(Measured(Oracle(room()), Strides()).refine(given, 1.0, 0))
    assert isinstance(target, Target)
    assert torch.equal(target.color, given.color)
    assert not target.confidence.any()
    whole = Measured(Oracle(room()), Strides((1.0,) * PARTS))
    plain = last(Oracle(room()).refine(given, 1.0, 0))
    assert torch.allclose(last(whole.refine(given, 1.0, 0)).color, plain.color, atol=1e-6)
    blind = last(Measured(Oracle(room()), BLIND).refine(given, 1.0, 0))
    stays = parts_of(given) >= 2
    assert 0 < float(stays.float().mean()) < 1
    assert torch.equal(blind.color[stays], given.color[stays])


class Layers:
    """A prior of so many steps, each as many products of matrices."""

    def __init__(self, steps: int, products: int) -> None:
        self.steps, self.products, self.done = steps, products, 0

    def refine(self, draft: Draft, level: float, seed: int) -> Generator[Progress, None, Target]:
        for k in range(self.steps):
            for _ in range(self.products):
                torch.ones(64, 64) @ torch.ones(64, 64)
            self.done += 1
            yield Progress("Working", k + 1, self.steps)
        return Target(draft.color, torch.ones_like(draft.alpha))


def test_work_is_counted_by_operations_and_the_third_step_is_not_done() -> None:
    given = draft()
    one, ten, double = Layers(1, 4), Layers(10, 4), Layers(10, 8)
    works = [last(effort_of(each, given, 0.5, "cpu")).work for each in (one, ten, double)]
    assert works[1] == pytest.approx(10 * works[0], rel=0.1)
    assert works[2] == pytest.approx(2 * works[1])
    assert ten.done == 2
    assert last(effort_of(Layers(10, 4), given, 0.5, "cpu")).work == works[1]


def test_what_its_network_does_counts_among_what_a_prior_may_take() -> None:
    steps, share, scene = 60, 2.0, room()
    earned = steps * picture_work(48 * 64, len(scene))
    work = MAKING * share * earned / 4.5

    def targets(each: float) -> int:
        oracle = Oracle(scene, steps=1)
        config = SampleConfig(share=share, work=each, pool=PoolConfig(every=1, longest=32))
        loss = SampleLoss(oracle, VIEWS, photographed(scene, VIEWS), config)
        for _ in range(steps):
            loss.added(scene, 0.5, MANNER)
        return len(oracle.asked)

    assert 1 <= targets(work) <= 4 < targets(0.0)


def test_a_hole_is_a_part_of_its_own() -> None:
    scene = room()
    half: Gaussians = scene.rows(scene.means[:, 0] > 0)
    photos = [photo.float() / 255 for photo in photographed(scene, VIEWS[:1])]
    given = draft_of(half, sight(half, VIEWS[:1]), VIEWS[2], VIEWS[:1], photos)
    part = parts_of(given)
    assert (part[given.alpha < 0.5] == 0).all()
    assert (part[given.alpha > 0.9] > 0).all()
    assert {0, PARTS - 1} <= set(part.unique().tolist())
