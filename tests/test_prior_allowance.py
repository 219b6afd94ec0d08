"""What a prior may take and learn from: its share of the work, and no pixel that does not count."""

from dataclasses import replace

import torch

from core.gaussians.provenance import Origin
from core.prior.allowance import MAKING, Allowance
from core.prior.drafts import draft_of
from core.prior.imagined import SHOWN, thumbnail
from core.prior.pool import PoolConfig
from core.prior.reliability import reliability
from core.prior.sample_loss import SampleConfig, SampleLoss
from core.prior.visibility import Sight, sight
from core.render.rasterize import rasterize
from core.train.evidence import judged
from tests.prior_scenes import Oracle, looking, photographed, room
from tests.test_sample_loss import MANNER, VIEWS

POOL = PoolConfig(targets=6, every=5, longest=32)


def test_no_more_is_spent_than_what_was_earned_allows() -> None:
    allowed, made, met = Allowance(0.5), 0.0, 0.0
    for _ in range(100):
        allowed.earn(10.0)
        made += 7.0 * allowed.make(7.0)
        met += 4.0 * allowed.meet(4.0)
    assert made <= 0.5 * MAKING * 1000
    assert met <= 0.5 * (1 - MAKING) * 1000
    assert made + met > 0.5 * 1000 - 11
    everything = Allowance(None)
    assert everything.make(1e12)
    assert everything.meet(1e12)


def asked(share: float | None, steps: int = 40) -> tuple[int, int]:
    """How many targets were made, and how often one was met."""
    oracle = Oracle(room())
    config = SampleConfig(share=share, pool=POOL)
    loss = SampleLoss(oracle, VIEWS, photographed(room(), VIEWS), config)
    met = sum(loss.added(room(), 0.5, MANNER) is not None for _ in range(steps))
    return len(oracle.asked), met


def test_a_smaller_share_makes_and_meets_less_and_none_nothing() -> None:
    whole, half, none = asked(None), asked(0.3), asked(0.0)
    assert whole[0] > half[0] > none[0] == 0
    assert whole[1] > half[1] > none[1] == 0
    assert asked(0.3) == half  # by counting, not by the clock


def test_a_target_is_told_once_with_what_it_took() -> None:
    loss = SampleLoss(Oracle(room()), VIEWS, photographed(room(), VIEWS), SampleConfig(pool=POOL))
    assert loss.news() is None
    for _ in range(12):
        loss.added(room(), 0.5, MANNER)
    news = loss.news()
    assert news is not None
    assert loss.news() is None
    assert news.draft.shape == news.target.shape == (24, 32, 3)
    assert news.relied.shape == (24, 32)
    assert news.used
    assert news.seconds > 0
    assert 0 < news.share <= 1
    assert thumbnail(torch.ones(100, 400, 3)).shape == (40, SHOWN, 3)


def test_what_does_not_count_was_not_seen_and_is_not_shown() -> None:
    scene, (view, other) = room(), VIEWS
    gone = torch.zeros(48, 64, dtype=torch.bool)
    gone[:, 32:] = True
    seen, blind = sight(scene, [view]), sight(scene, [view], [gone])
    assert torch.equal(sight(scene, [view], [torch.zeros_like(gone)]).visible, seen.visible)
    assert (blind.visible <= seen.visible + 1e-6).all()
    assert float(blind.visible.sum()) < 0.8 * float(seen.visible.sum())
    assert not blind.depths[0][:, 32:].any()
    assert torch.equal(blind.depths[0][:, :32], seen.depths[0][:, :32])
    passer_by = torch.full((48, 64, 3), 0.9)
    draft = draft_of(scene, blind, other, [view], [passer_by], [gone])
    drawn = rasterize(scene, view).color.clamp(0, 1)
    assert torch.equal(draft.photos[0].color[:, 32:], drawn[:, 32:])
    assert torch.equal(draft.photos[0].color[:, :32], passer_by[:, :32])


def test_pixels_that_do_not_count_contradict_nothing() -> None:
    scene, views = room(), VIEWS
    photos = [photo.float() / 255 for photo in photographed(scene, views)]
    everywhere = torch.ones(48, 64, dtype=torch.bool)
    view = looking((0.0, 0.5, -0.8), (0.0, 0.2, 4))
    wrong = [torch.rand(48, 64, 3, generator=torch.Generator().manual_seed(0))] * 2
    seen = sight(scene, views)
    told = draft_of(scene, seen, view, views, photos)
    spoilt = draft_of(scene, seen, view, views, wrong)
    truth = rasterize(scene, view).color.clamp(0, 1)
    good = float(reliability(truth, told, seen.depths).mean())
    assert float(reliability(truth, spoilt, seen.depths).mean()) < 0.5 * good
    left = sight(scene, views, [everywhere, torch.zeros_like(everywhere)])
    shown = Sight(seen.visible, left.depths)
    half = draft_of(scene, shown, view, views, [wrong[0], photos[1]], [everywhere, None])
    kept = float(reliability(truth, half, left.depths).mean())
    assert kept > 0.5 * good


def test_what_no_photo_sees_is_imagined_where_a_prior_was_at_work() -> None:
    scene, views = room(), VIEWS
    plain = judged(scene, views)
    assert (plain.origin != Origin.IMAGINED).all()
    found = judged(scene, views, imagined=True)
    unseen = found.origin == Origin.IMAGINED
    assert 0 < int(unseen.sum()) < len(scene)
    assert torch.equal(found.origin[~unseen], plain.origin[~unseen])
    assert (plain.origin[unseen] == Origin.REGULARISED).all()
    assert not found.confidence[unseen].any()
    # Trained on without a prior, what is still unseen stays what it was.
    again = judged(found, views)
    assert torch.equal(again.origin, found.origin)
    behind = replace(scene, origin=torch.full_like(scene.origin, Origin.FILLED))
    assert (judged(behind, views, imagined=True).origin == Origin.FILLED).all()
