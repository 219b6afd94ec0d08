"""Masks in a reconstruction: what is left out of the loss says nothing to the Gaussians."""

import numpy as np
import pytest
import torch

from core.gaussians.rows import RowEdit
from core.gaussians.table import Gaussians
from core.pipeline.masked import ChangingMasks
from core.pipeline.prepare import Flat
from core.segment.labels import IGNORE, PhotoMask, Standing
from core.train.ignored import without_ignored
from core.train.labels import NO_LABELS, Labels
from core.train.losses import photometric_loss
from core.train.schedule import TrainConfig
from core.train.steps import Snapshot, Step
from core.train.trainer import train
from tests.scenes import posed_photos
from tests.test_segment_lift import clusters, images, views
from tests.test_segment_propagate import photos


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_ignored_pixels_have_no_gradient(kind: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(1)
    color = torch.rand(40, 50, 3, generator=generator, dtype=kind).requires_grad_()
    photo = torch.randint(0, 255, (40, 50, 3), generator=generator, dtype=torch.uint8)
    ignored = torch.zeros(40, 50, dtype=torch.bool)
    ignored[10:30, 5:25] = True
    exposure = torch.tensor([[1.1, 0.9, 1.0], [0.02, 0.0, -0.03]], dtype=kind)
    kept = without_ignored(color, photo, ignored, exposure)
    photometric_loss(kept, photo, exposure).loss.backward()
    assert color.grad is not None
    assert not color.grad[ignored].any()
    assert color.grad[~ignored].any()


def test_a_photo_ignored_altogether_has_no_loss() -> None:
    color, photo = torch.rand(32, 32, 3), torch.randint(0, 255, (32, 32, 3), dtype=torch.uint8)
    exposure = torch.tensor([[1.2] * 3, [0.1] * 3])
    kept = without_ignored(color, photo, torch.ones(32, 32, dtype=torch.bool), exposure)
    assert float(photometric_loss(kept, photo, exposure).loss) == pytest.approx(0, abs=1e-4)


def test_a_pixel_that_holds_any_of_what_is_ignored_is_ignored() -> None:
    color, photo = torch.rand(8, 8, 3), torch.zeros(8, 8, 3, dtype=torch.uint8)
    ignored = torch.zeros(32, 32, dtype=torch.bool)
    ignored[13, 22] = True
    exposure = torch.tensor([[1.0] * 3, [0.0] * 3])
    kept = without_ignored(color, photo, ignored, exposure)
    changed = (kept != color).any(dim=2)
    assert changed.sum() == 1
    assert changed[3, 5]


class Script:
    """Masks that are corrected at an iteration; `given` are what `Labels` answers then."""

    def __init__(self, at: int, ids: int, ignored: torch.Tensor | None = None) -> None:
        self.at, self.ids, self.mask = at, ids, ignored
        self.asked = 0
        self.heard: list[tuple[int, RowEdit | None]] = []

    def ignored(self, index: int) -> torch.Tensor | None:
        return self.mask if self.asked > self.at else None

    def object_ids(self, gaussians: Gaussians, since: RowEdit | None) -> torch.Tensor | None:
        self.asked += 1
        if self.asked not in (1, self.at + 1):
            return None
        self.heard.append((len(gaussians), since))
        return torch.full((len(gaussians),), self.ids * len(self.heard), dtype=torch.int64)


CONFIG = TrainConfig(
    iterations=30, grow_every=4, grow_from=0.0, grow_gradient=4e-4, max_gaussians=2000,
    snapshot_seconds=1e9, settle_from=2.0,
)  # fmt: skip
AT = 14


def trained(labels: Labels = NO_LABELS) -> list[Step | Snapshot]:
    truth, photos, views = posed_photos()
    return list(train(truth.rows(torch.arange(100)), views, photos, CONFIG, labels=labels))


def test_a_correction_changes_whose_gaussians_are_and_nothing_else() -> None:
    plain, script = trained(), Script(AT, 5)
    events = trained(script)
    steps = [event for event in events if isinstance(event, Step)]
    assert steps == [event for event in plain if isinstance(event, Step)]
    before, now, last = [event for event in events if isinstance(event, Snapshot)]
    *_, alone = plain
    assert isinstance(alone, Snapshot)
    for name in ("means", "quats", "log_scales", "logit_opacity", "sh"):
        assert torch.equal(getattr(last.gaussians, name), getattr(alone.gaussians, name))
    # At once, between two steps; and whoever grew since is whose its parent is.
    assert now.step.iteration == AT
    assert [set(s.gaussians.object_id.tolist()) for s in (before, now, last)] == [{5}, {10}, {10}]
    first, second, third = (len(shot.gaussians) for shot in (before, now, last))
    assert first < second < third


def test_rows_are_told_in_terms_of_those_that_were_labelled_last() -> None:
    script = Script(AT, 5)
    trained(script)
    (count, first), (now, since) = script.heard
    assert first is None
    assert since is not None
    assert len(since.parent) == now > count
    assert since.parent.max() < count
    assert since.fresh.any()


def test_only_pixels_that_are_left_out_touch_the_loss() -> None:
    left_out = torch.zeros(48, 64, dtype=torch.bool)
    left_out[:, :8] = True
    plain, some = trained(Script(AT, 5)), trained(Script(AT, 5, left_out))
    pairs = [
        (one.loss, other.loss)
        for one, other in zip(plain, some, strict=False)
        if isinstance(one, Step) and isinstance(other, Step)
    ]
    assert [one == other for one, other in pairs[: AT + 1]] == [True] * AT + [False]


def test_masks_that_change_are_heard_and_counted() -> None:
    pairs = zip(photos(), views(), strict=True)
    pictures = [Flat(place.name, torch.zeros(72, 96, 3), view, place) for place, view in pairs]
    news: list[dict[str, PhotoMask]] = [{}, {}]
    labels = ChangingMasks(pictures, photos(), {}, lambda: news.pop() if news else {})
    gaussians = clusters()
    assert labels.object_ids(gaussians, None) is None
    true = images(gaussians)
    partly = np.where(np.arange(96) < 20, IGNORE, true[1])
    news.append({"b.jpg": PhotoMask.from_arrays(partly, None, Standing.USER)})
    news.append({})
    assert labels.object_ids(gaussians, None) is None
    assert labels.ignored(1) is None
    ids = labels.object_ids(gaussians, None)
    assert ids is not None
    assert set(ids.tolist()) >= {7, 9}
    ignored = labels.ignored(1)
    assert ignored is not None
    assert ignored[:, :19].all()
    assert not ignored[:, 21:].any()
    assert labels.ignored(0) is None
    news.append({"b.jpg": PhotoMask.blank(72, 96)})
    ids = labels.object_ids(gaussians, None)
    assert ids is not None
    assert not ids.any()
    assert labels.ignored(1) is None
