"""A prior learned from the photos: it undoes planted faults, and is refused where it does harm."""

from dataclasses import replace
from itertools import combinations
from typing import Any

import torch
from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.pipeline.folds import Small
from core.pipeline.learned import Taught, taught
from core.pipeline.priors import find_help
from core.pipeline.settings import AUTO, NONE, settings_from_json
from core.pipeline.tried import Tried
from core.prior.cameras import path_of, place_between
from core.prior.drafts import draft_of
from core.prior.embedded import blend
from core.prior.embedded.blend import PHOTOS, Blending, Lesson, blended, decibels, learned
from core.prior.embedded.evidence import Evidence, evidence
from core.prior.embedded.prior import EmbeddedPrior
from core.prior.embedded.school import BlendingSchool
from core.prior.protocol import Draft, Target
from core.prior.sample_loss import SampleConfig
from core.prior.visibility import sight
from tests.fold_scenes import STANDARD, VIEWS, last, remade, small_and_folds, spoiled
from tests.prior_scenes import photographed, room


def unit(photo: Tensor) -> Tensor:
    return photo.float() / 255


def drafted(scene: Gaussians, view: View, others: list[View]) -> Draft:
    """`scene` from `view`, beside true photos of the room from `others`."""
    photos = [unit(photo) for photo in photographed(room(), others)]
    return draft_of(scene, sight(scene, others), view, others, photos)


def lesson(scene: Gaussians, number: int) -> Lesson:
    """The photo of that number left out, the two beside it known."""
    near = sorted(range(len(VIEWS)), key=lambda k: abs(k - number))[1:3]
    (photo,) = photographed(room(), [VIEWS[number]])
    draft = drafted(scene, VIEWS[number], [VIEWS[k] for k in near])
    truth = unit(photo).permute(2, 0, 1)
    return Lesson(evidence(draft, PHOTOS), truth, torch.ones(truth.shape[1:]))


def test_a_photo_from_the_very_place_is_what_it_shows_there() -> None:
    found = evidence(drafted(room(), VIEWS[0], VIEWS[:1]), PHOTOS)
    assert float(found.valid[0].mean()) > 0.9
    there = found.valid[0] > 0
    (photo,) = photographed(room(), VIEWS[:1])
    shown = found.choices[1].permute(1, 2, 0)
    assert torch.allclose(shown[there], unit(photo)[there], atol=0.01)
    assert float(found.angle.max()) < 1e-2
    # There is no second photo.
    assert float(found.valid[1].max()) == float(found.choices[2].max()) == 0


def test_planted_blotches_are_undone_in_a_view_that_was_no_lesson() -> None:
    way = learned([lesson(spoiled(room()), k) for k in (0, 1, 3)])
    other = lesson(spoiled(room()), 2)
    assert decibels(other, way) > decibels(other) + 3


def test_what_is_right_stays() -> None:
    way = learned([lesson(room(), k) for k in (0, 1, 3)])
    assert decibels(lesson(room(), 2), way) > 35


def test_where_no_photo_shows_a_place_the_draft_stays_and_nothing_is_claimed() -> None:
    draft = drafted(spoiled(room()), VIEWS[1], [VIEWS[0], VIEWS[3]])
    target = last(EmbeddedPrior(Blending()).refine(draft, 1.0, 0))
    assert isinstance(target, Target)
    hidden = target.confidence == 0
    assert 0 < float(hidden.float().mean()) < 0.5
    assert torch.allclose(target.color[hidden], draft.color[hidden])
    assert not torch.allclose(target.color, draft.color)
    alone = last(EmbeddedPrior(Blending()).refine(replace(draft, photos=()), 1.0, 0))
    assert torch.allclose(alone.color, draft.color)
    assert float(alone.confidence.max()) == 0


def test_photos_of_other_colours_count_little() -> None:
    given = lesson(room(), 1).evidence
    inverted = replace(given, choices=given.choices.clone())
    inverted.choices[1:] = (1 - inverted.choices[1:]) * inverted.valid[:, None]
    changed = (blended(inverted, Blending()) - given.choices[0]).abs().mean(dim=0)
    unlike = (given.choices[:1] - inverted.choices[1:3]).abs().mean(dim=1).amin(dim=0) > 0.5
    assert float(changed[unlike].mean()) < 0.05


def test_pixels_that_do_not_count_teach_nothing() -> None:
    given = lesson(spoiled(room()), 1)
    half = torch.ones_like(given.counted)
    half[:, 32:] = 0
    wrong = torch.where(half > 0, given.truth, 1 - given.truth)
    one, other = (replace(given, truth=each, counted=half) for each in (given.truth, wrong))
    assert learned([one]) == learned([other])
    assert decibels(one) == decibels(other) != decibels(given)


def test_places_between_photos_are_on_the_way_from_one_to_another() -> None:
    path = path_of(VIEWS, [4.8] * len(VIEWS))
    centres = torch.stack([view.centre() for view in path.views])
    pairs = list(combinations(range(len(VIEWS)), 2))
    generator = torch.Generator().manual_seed(0)
    for _ in range(20):
        place = place_between(path, generator).centre()
        detours = [
            (centres[i] - place).norm()
            + (centres[j] - place).norm()
            - (centres[i] - centres[j]).norm()
            for i, j in pairs
        ]
        assert float(min(detours)) < 1e-9
    alone = path_of(VIEWS[:1], [4.8])
    assert torch.equal(place_between(alone, generator).centre(), alone.views[0].centre())


def learned_here(stopped: bool = False) -> Taught[Any, Any] | None:
    small, folds = small_and_folds()
    found: Taught[Any, Any] | None = last(
        taught(BlendingSchool(), small, folds, SampleConfig(), lambda: stopped)
    )
    return found


def test_what_helps_at_photos_left_out_is_used(monkeypatch: Any) -> None:
    asked = remade(monkeypatch, room())
    found = learned_here()
    assert found is not None
    tried = found.tried
    assert isinstance(found.prior, EmbeddedPrior)
    assert tried.used
    assert asked == [[0], [1], [2], [3]]
    assert "better, so it is used" in tried.words()
    assert set(tried.as_json()["after"]) == {"0.jpg", "1.jpg", "2.jpg", "3.jpg"}  # type: ignore[call-overload]


def test_what_betters_pictures_but_not_scenes_is_refused(monkeypatch: Any) -> None:
    remade(monkeypatch, spoiled(spoiled(room())))
    found = learned_here()
    assert found is not None
    tried = found.tried
    assert found.prior is None
    assert tried.promising
    assert "it is not used" in tried.words()


def test_a_hostile_way_is_refused_before_it_touches_a_scene(monkeypatch: Any) -> None:
    def inverted(found: Evidence, way: Blending) -> Tensor:
        return 1 - found.choices[0]

    monkeypatch.setattr(blend, "blended", inverted)
    asked = remade(monkeypatch, room())
    found = learned_here()
    assert found is not None
    tried = found.tried
    assert found.prior is None
    assert asked == []
    assert "no better (-" in tried.words()


def test_a_stop_ends_it_without_an_answer(monkeypatch: Any) -> None:
    remade(monkeypatch, None)  # type: ignore[arg-type]
    assert learned_here(stopped=True) is None


def test_who_asks_for_nothing_gets_nothing_and_pays_nothing() -> None:
    def small() -> Small:
        raise AssertionError

    for settings in (
        replace(STANDARD, prior=NONE),
        replace(STANDARD, prior=AUTO, prior_strength=0.0),
    ):
        found = last(find_help(small, 3.0, settings, "cpu", lambda: False))
        assert found.terms([], [], 0) == ()
    # Many photos agree on every place: there is nothing to learn by heart.
    plenty = last(find_help(small, 9.0, replace(STANDARD, prior=AUTO), "cpu", lambda: False))
    assert plenty.terms([], [], 0) == ()


def test_the_choice_is_kept_with_the_project() -> None:
    chosen = replace(STANDARD, prior=AUTO, prior_strength=0.5)
    assert settings_from_json(chosen.as_json()) == chosen
    assert settings_from_json({**chosen.as_json(), "prior": 3}).prior == STANDARD.prior


def test_without_a_figure_nothing_is_used() -> None:
    assert not Tried({"a": 20.0}, {}, {}, {}).used
