"""Objects made whole from their pictures: asked for, put where photos show them, and marked."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import UserError
from core.gaussians.provenance import Origin
from core.mesh.painted import Painted
from core.pictured import whole as whole_of
from core.pictured.protocol import Body
from core.pictured.query import asked, card_of
from core.pictured.whole import Pictured, Whole, best_pictures, made_whole, thinned
from core.progress import Progress
from core.scene.additions import FIRST_INSERTED, Kind
from core.scene.placing import settle
from core.scene.placing.fit import FitSettings
from tests.pictured_scenes import CHAIR, GROUND, Knowing, captured, chair, off_chair


class Untouched:
    """An editor that answers with what it was shown."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def edit(
        self, picture: NDArray[np.uint8], words: str, seed: int
    ) -> Iterator[Progress | NDArray[np.uint8]]:
        self.words.append(words)
        yield Progress("Asking", 0, 1)
        yield picture


def wish(photos: list, **more: object) -> Pictured:  # type: ignore[type-arg]
    given = Pictured(CHAIR, "chair", tuple(photos), GROUND, FIRST_INSERTED)
    return replace(given, **more)  # type: ignore[arg-type]


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few steps, whose place is no good, and which is taken all the same."""
    quick = FitSettings(turns=1, first_steps=1, coarse_steps=2, steps=2)
    monkeypatch.setattr(settle, "FitSettings", lambda turns: quick)
    monkeypatch.setattr(whole_of, "WORST", 1.0)


@pytest.mark.parametrize("origin", [Origin.OBSERVED, Origin.REGULARISED])
def test_what_is_made_is_marked_and_is_of_the_object(origin: Origin, hasty: None) -> None:
    scene, photos = captured(origin, 1)
    *_, whole = made_whole(scene, wish(photos), None, Knowing())
    assert isinstance(whole, Whole)
    replaces = origin is Origin.REGULARISED
    assert whole.replaces == replaces
    assert whole.addition.kind is (Kind.THING if replaces else Kind.BACK)
    assert whole.addition.objects == (FIRST_INSERTED if replaces else CHAIR,)
    assert whole.addition.name == ("chair" if replaces else "")
    splats = whole.addition.splats
    assert (splats.origin == Origin.IMAGINED).all()
    assert (splats.object_id == whole.addition.objects[0]).all()
    if replaces:  # by construction it stands on the floor
        assert np.percentile(splats.means[:, 1], 1) == pytest.approx(0, abs=0.05)


def test_photos_vote_between_bodies_of_several_pictures(hasty: None) -> None:
    """The first body is a pole, the second the chair: outlines choose that one."""
    scene, photos = captured(Origin.REGULARISED, 2)
    long = np.array([[[0, 0, 0], [30.0, 0, 0], [0, 0.02, 0]]])
    pole = Knowing((Painted(long, np.ones((1, 3, 3), np.float32)),))
    good, made = Knowing(), []

    class Both:
        def make(self, picture: NDArray[np.uint8], seed: int) -> Iterator[Progress | Body]:
            made.append(seed)
            yield from (pole if len(made) == 1 else good).make(picture, seed)

    *_, whole = made_whole(scene, wish(photos, tries=2), None, Both())
    assert isinstance(whole, Whole)
    assert made == [0, 1]
    size = np.ptp(whole.addition.splats.means, axis=0)
    assert size[1] > 0.5 * size.max()


def test_fewer_cover_as_much() -> None:
    thing = chair(2000)
    few = thinned(thing, 500)
    assert 500 <= len(few) < 700
    area = [float((2 * each.log_scales[:, 0]).exp().sum()) for each in (thing, few)]
    assert area[1] == pytest.approx(area[0], rel=0.02)


@pytest.mark.slow
def test_what_photos_saw_stays_and_the_rest_is_added() -> None:
    scene, photos = captured()
    steps = list(made_whole(scene, wish(photos), None, Knowing()))
    whole = steps[-1]
    assert isinstance(whole, Whole)
    assert any(isinstance(each, Progress) for each in steps)
    assert not whole.replaces
    assert whole.dice < 0.06
    assert whole.addition.kind is Kind.BACK
    assert whole.addition.objects == (CHAIR,)
    splats = whole.addition.splats
    assert len(splats) > 500
    assert (splats.origin == Origin.IMAGINED).all()
    assert (splats.object_id == CHAIR).all()
    away = off_chair(splats)
    assert np.median(away) < 0.03
    assert np.percentile(away, 95) < 0.08


@pytest.mark.slow
def test_one_photo_and_the_new_one_takes_its_place() -> None:
    scene, photos = captured(Origin.REGULARISED, 1)
    *_, whole = made_whole(scene, wish(photos), None, Knowing(splats=True))
    assert isinstance(whole, Whole)
    assert whole.replaces
    assert whole.addition.kind is Kind.THING
    assert whole.addition.objects == (FIRST_INSERTED,)
    assert whole.addition.name == "chair"
    assert whole.dice < 0.06
    assert np.median(off_chair(whole.addition.splats)) < 0.06
    assert whole.addition.splats.means[:, 1].min() == pytest.approx(0, abs=0.03)


def test_the_editor_is_asked_with_the_photo_that_shows_most() -> None:
    scene, photos = captured()
    maker, editor = Knowing(), Untouched()
    steps = made_whole(scene, wish(photos), editor, maker)
    for _ in steps:
        if maker.pictures:
            break
    steps.close()  # type: ignore[attr-defined]
    (picture,) = maker.pictures
    assert picture.shape == (512, 512, 4)
    assert "chair" in editor.words[0]
    most = max(photos, key=lambda each: each.mask.sum())
    assert best_pictures(photos, 1) == (most,)
    query = asked(most.color, most.mask)
    assert query.card == card_of(query.picture.shape[1], query.picture.shape[0])


def test_pictures_cut_off_count_less_and_others_come_from_aside() -> None:
    _, photos = captured()
    whole = photos[1]
    cut = replace(whole, mask=np.pad(whole.mask, ((0, 30), (0, 0)))[30:])
    cut.mask[:2] = True
    assert best_pictures([cut, whole], 1) == (whole,)
    assert len(best_pictures(photos, 5)) >= 2
    unseen = [replace(each, mask=np.zeros_like(each.mask)) for each in photos]
    with pytest.raises(UserError, match="No photo shows enough"):
        best_pictures(unseen, 1)


@pytest.mark.slow
def test_what_does_not_look_like_it_is_not_put_there() -> None:
    scene, photos = captured()
    long = np.array([[[0, 0, 0], [30.0, 0, 0], [0, 0.02, 0]]])
    pole = Knowing((Painted(long, np.ones((1, 3, 3), np.float32)),))
    with pytest.raises(UserError, match="does not look like"):
        list(made_whole(scene, wish(photos), None, pole))
