"""Edits of masks and objects: each says what, undo gives the same pixels, memory is bounded."""

from dataclasses import replace

import numpy as np
import pytest

from core.scene import document as documents
from core.scene.document import Document, State
from core.scene.edits import Edit, RemovePhotos
from core.scene.mask_edits import (
    AddObject,
    ChangeObject,
    ConfirmMasks,
    EraseMask,
    ForgetMasks,
    ImportMasks,
    PaintMask,
    RemoveObject,
    TakePropagated,
    Together,
)
from core.scene.plan import mask_of
from core.segment import regions
from core.segment.labels import BACKGROUND, UNLABELLED, PhotoMask, SceneObject, Standing
from core.segment.masks import FLOOR, Masks, color_of
from core.segment.tiles import Tiled
from tests.mask_scenes import CHAIR, HEIGHT, TABLE, WIDTH, blank, labels_of, room, square

EVERYWHERE = Tiled.full(HEIGHT, WIDTH, 1)
LAMP = SceneObject(4, "Lamp", "#ffffff")
CAME = PhotoMask.from_arrays(np.full((HEIGHT, WIDTH), CHAIR.id), None, Standing.PROPAGATED)
MASK_EDITS: list[Edit] = [
    PaintMask("a.jpg", square(30, 30), CHAIR.id),
    PaintMask("c.jpg", square(0, 0), FLOOR),
    PaintMask("a.jpg", square(30, 30), CHAIR.id, whole=True, label="Find"),
    Together((AddObject(LAMP), PaintMask("c.jpg", square(0, 0), LAMP.id)), "Paint a lamp"),
    EraseMask("a.jpg", square(30, 30), CHAIR.id),
    ForgetMasks(("a.jpg", "b.jpg")),
    TakePropagated({"b.jpg": CAME, "c.jpg": CAME}),
    ConfirmMasks(("b.jpg", "c.jpg")),
    ImportMasks((LAMP,), {"c.jpg": blank().painted(square(3, 3), LAMP.id)}),
    AddObject(LAMP),
    ChangeObject(replace(CHAIR, name="Stool", locked=True)),
    RemoveObject(CHAIR.id, "Chair"),
]


@pytest.mark.parametrize("edit", MASK_EDITS, ids=lambda edit: edit.label)
def test_an_edit_is_one_step_and_undo_gives_back_the_same_value(edit: Edit) -> None:
    start = room()
    document = Document(State(start))
    document.commit(edit)
    after = document.state.plan
    assert after is not start
    document.commit(edit)
    assert document.state.plan is after
    document.undo()
    assert document.state.plan is start
    assert document.undo_label is None
    document.redo()
    assert document.state.plan is after


@pytest.mark.parametrize("edit", MASK_EDITS, ids=lambda edit: edit.label)
def test_pixels_of_locked_objects_never_change(edit: Edit) -> None:
    if isinstance(edit, ImportMasks):
        pytest.skip("takes the place of all that was said of a photo")
    before, after = room(), edit.apply(room())
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        then, now = mask_of(before, name).where(TABLE.id), mask_of(after, name).where(TABLE.id)
        assert np.array_equal(then, now)


def test_painting_on_a_locked_object_changes_nothing() -> None:
    start = room()
    assert PaintMask("a.jpg", EVERYWHERE, TABLE.id).apply(start) is start
    assert EraseMask("a.jpg", EVERYWHERE, TABLE.id).apply(start) is start
    assert np.count_nonzero(labels_of(start, "a.jpg") == TABLE.id) == 3600


def test_painting_may_spare_what_other_objects_have() -> None:
    start = room()
    bold = PaintMask("a.jpg", square(30, 10), FLOOR).apply(start)
    shy = PaintMask("a.jpg", square(30, 10), FLOOR, spares=True).apply(start)
    assert np.count_nonzero(labels_of(bold, "a.jpg") == FLOOR) == 3600
    assert np.count_nonzero(labels_of(shy, "a.jpg") == FLOOR) == 3600 - 40 * 60
    chair = mask_of(start, "a.jpg").where(CHAIR.id)
    assert np.array_equal(mask_of(shy, "a.jpg").where(CHAIR.id), chair)


def test_a_whole_object_is_nowhere_else() -> None:
    plan = PaintMask("a.jpg", square(30, 30), CHAIR.id, whole=True).apply(room())
    labels = labels_of(plan, "a.jpg")
    assert np.array_equal(labels == CHAIR.id, square(30, 30).whole() > 0)
    assert np.count_nonzero(labels == BACKGROUND) == 3600 - 40 * 40
    assert np.count_nonzero(labels == TABLE.id) == 3600


def test_what_is_carried_over_spares_the_hand_and_confirming_makes_it_the_users() -> None:
    plan = TakePropagated({"a.jpg": CAME, "c.jpg": CAME}).apply(room())
    a, c = plan.masks.photos["a.jpg"], plan.masks.photos["c.jpg"]
    assert (a.standing, c.standing) == (Standing.USER, Standing.PROPAGATED)
    assert np.count_nonzero(a.labels() == TABLE.id) == 3600
    assert not c.by_hand().any()
    own = ConfirmMasks(("c.jpg",)).apply(plan).masks.photos["c.jpg"]
    assert own.standing is Standing.USER
    assert own.by_hand().all()
    assert np.array_equal(own.labels(), c.labels())


def test_objects_come_and_go_but_their_ids_do_not_come_again() -> None:
    plan = room()
    added = AddObject(plan.masks.new_object("Lamp")).apply(plan)
    assert added.masks.object(4).name == "Lamp"
    gone = RemoveObject(4).apply(added)
    assert gone.masks.next_id == 5
    assert gone.masks.new_object("Cup").id == 5
    without = RemoveObject(CHAIR.id).apply(plan)
    assert not mask_of(without, "a.jpg").where(CHAIR.id).any()
    assert labels_of(without, "b.jpg")[150, 270] == UNLABELLED
    with pytest.raises(KeyError):
        without.masks.object(CHAIR.id)
    with pytest.raises(ValueError, match="same id"):
        Masks((CHAIR, CHAIR))


def test_a_photo_of_which_nothing_is_said_any_more_has_no_mask() -> None:
    plan = ForgetMasks(("a.jpg", "b.jpg")).apply(room())
    assert set(plan.masks.photos) == {"a.jpg"}  # the locked table is still there
    assert plan.masks.photos["a.jpg"].ids() == {TABLE.id}
    assert mask_of(plan, "c.jpg").standing is Standing.NONE


def test_masks_go_with_their_photos() -> None:
    assert set(RemovePhotos(("a.jpg",)).apply(room()).masks.photos) == {"b.jpg"}


def test_a_mask_of_another_size_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="another size"):
        ImportMasks((), {"a.jpg": PhotoMask.blank(3, 3)}).apply(room())


def test_colors_of_objects_differ() -> None:
    assert len({color_of(id_) for id_ in range(2, 202)}) == 200


def test_a_thousand_strokes_fit_and_the_newest_can_be_undone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(documents, "HISTORY", 300_000)
    dice = np.random.default_rng(0)
    document = Document(State(room()))
    versions = [document.state.plan]
    for k in range(150):
        path = dice.uniform(0, HEIGHT, 2) + dice.normal(0, 20, (4, 2))
        region = regions.stroke(path, 9.0, HEIGHT, WIDTH)
        edit = (EraseMask if k % 3 == 2 else PaintMask)("c.jpg", region, CHAIR.id)
        document.commit(edit)
        versions.append(document.state.plan)
    held = document.history_size
    assert 100_000 < held <= 300_000
    steps = 0
    while document.undo_label is not None:
        document.undo()
        steps += 1
        then = versions[-1 - steps].masks.photos.get("c.jpg")
        now = document.state.plan.masks.photos.get("c.jpg")
        assert then is now
    assert 10 < steps < 150


def test_background_is_an_object_like_any_other() -> None:
    plan = PaintMask("c.jpg", square(5, 5), BACKGROUND).apply(room())
    assert np.count_nonzero(labels_of(plan, "c.jpg") == BACKGROUND) == 3600
    assert plan.masks.photos["c.jpg"].by_hand().sum() == 3600
