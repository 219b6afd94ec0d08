"""Objects changed by words, as edits: what is shown with them, and what undoing brings back."""

from dataclasses import replace

import numpy as np
import pytest

from core.gaussians.arrays import SplatArrays
from core.scene.addition_edits import Add
from core.scene.additions import Addition, Kind
from core.scene.cut_edits import Merge, Split
from core.scene.cuts import relabels
from core.scene.document import Document, State
from core.scene.layout import FIRST_INSERTED
from core.scene.movable import before_words, labelled
from core.scene.object_edits import RestoreObject, ReworkObject
from core.scene.plan import Plan
from core.scene.regions import Box
from core.scene.reworks import Rework, rework_of, reworked, size_between
from tests.scenes import cloud

CHAIR, TABLE, PART, LAMP = 1, 2, 40, FIRST_INSERTED


def scene(count: int = 60, seed: int = 0, degree: int = 3) -> SplatArrays:
    """Rows of the background, a chair and a table, mixed."""
    rows = cloud(count, seed=seed)
    ids = np.random.default_rng(seed).integers(0, 3, count).astype(np.int32)
    arrays = SplatArrays.from_gaussians(rows)
    sh = arrays.sh[:, : (degree + 1) ** 2]
    return SplatArrays(arrays.means, arrays.quats, arrays.log_scales, arrays.logit_opacity, sh, ids)


def rework(id_: int = CHAIR, seed: int = 5) -> Rework:
    return rework_of(scene(30, seed), id_, "a red chair")


def rows(splats: object, id_: int) -> np.ndarray:  # type: ignore[type-arg]
    assert isinstance(splats, SplatArrays)
    chosen = splats.object_id == id_
    return np.concatenate([splats.means[chosen], splats.quats[chosen]], axis=1)


def test_a_rework_takes_the_objects_place_and_leaves_others_to_the_bit() -> None:
    before, change = scene(), rework()
    after = reworked(before, (change,))
    assert isinstance(after, SplatArrays)
    assert (change.splats.object_id == CHAIR).all()
    np.testing.assert_array_equal(rows(after, CHAIR), rows(scene(30, 5), CHAIR))
    for id_ in (0, TABLE):
        np.testing.assert_array_equal(rows(after, id_), rows(before, id_))
    others = before.object_id != CHAIR
    np.testing.assert_array_equal(after.sh[: others.sum()], before.sh[others])
    assert reworked(before, ()) is before
    assert reworked(None, (change,)) is None


def test_colours_of_other_degrees_fit_beside_each_other() -> None:
    plain = rework_of(scene(30, 5, degree=0), CHAIR, "plain")
    for content, change in ((scene(), plain), (scene(degree=0), rework())):
        after = reworked(content, (change,))
        assert isinstance(after, SplatArrays)
        assert after.sh_degree == 3
        np.testing.assert_array_equal(rows(after, CHAIR), rows(change.splats, CHAIR))


@pytest.fixture
def document() -> Document:
    return Document(State(content=scene()))


def test_undoing_brings_back_the_very_scene(document: Document) -> None:
    before = document.state
    document.commit(ReworkObject(rework()))
    after = document.state
    assert after.base is before.content
    assert after.content is not before.content
    assert document.undo_label == "Change to “a red chair”"
    document.undo()
    assert document.state.content is before.content
    assert document.state.plan is before.plan
    document.redo()
    assert document.state.plan is after.plan
    np.testing.assert_array_equal(rows(document.state.content, CHAIR), rows(after.content, CHAIR))


def test_another_rework_replaces_the_first_and_undoing_leads_back_to_it(
    document: Document,
) -> None:
    first, second = rework(), rework(seed=6)
    for each in (first, rework(TABLE), second):
        document.commit(ReworkObject(each))
    assert [each.object_id for each in document.state.plan.reworks] == [TABLE, CHAIR]
    np.testing.assert_array_equal(rows(document.state.content, CHAIR), rows(second.splats, CHAIR))
    document.undo()
    np.testing.assert_array_equal(rows(document.state.content, CHAIR), rows(first.splats, CHAIR))
    shown = document.state
    document.commit(ReworkObject(first))  # it is so already: no step
    assert document.state is shown


def test_before_and_after_are_a_preview(document: Document) -> None:
    original, change = document.state.content, rework()
    document.commit(ReworkObject(change))
    after = document.state
    document.preview(RestoreObject(CHAIR))
    assert document.state.content is original
    document.preview(ReworkObject(change))
    assert document.state.plan is after.plan
    np.testing.assert_array_equal(rows(document.state.content, CHAIR), rows(change.splats, CHAIR))
    assert document.undo_label == "Change to “a red chair”"
    document.commit(RestoreObject(CHAIR))
    assert document.state.content is original
    document.undo()
    assert document.state.plan is after.plan


def test_what_training_brings_later_is_shown_with_the_rework(document: Document) -> None:
    change, later = rework(), scene(80, 9)
    document.commit(ReworkObject(change))
    document.show(content=later)
    assert document.state.base is later
    np.testing.assert_array_equal(rows(document.state.content, CHAIR), rows(change.splats, CHAIR))
    np.testing.assert_array_equal(rows(document.state.content, TABLE), rows(later, TABLE))
    heard: list[State] = []
    document.changed.connect(lambda old, new: heard.append(new))
    shown = document.state.content
    document.show(content=later)
    assert heard == []
    document.show(object=None, selected=None, step=None)
    document.show(exposures=np.zeros((1, 2, 3), np.float32))
    assert document.state.content is shown
    document.undo()
    assert document.state.content is later


def test_a_rework_waits_until_its_object_is_there(document: Document) -> None:
    document.commit(ReworkObject(rework()))
    early = scene(20, 3)
    early = replace(early, object_id=np.zeros_like(early.object_id))
    document.show(content=early)
    assert document.state.content is early
    document.show(content=scene(40, 4))
    assert len(rows(document.state.content, CHAIR)) == len(rework().splats)


def test_what_was_split_off_is_changed_by_itself(document: Document) -> None:
    whole = document.state.content
    middle = np.median(rows(whole, CHAIR)[:, 0])
    left = Box((middle - 50.0, 0.0, 0.0), (50.0, 50.0, 50.0))
    document.commit(Split(left, (CHAIR,), "Seat", PART))
    before = labelled(document.state)
    assert before is not None
    assert before_words(document.state, PART) is before
    assert 0 < len(rows(before, PART)) < len(rows(whole, CHAIR))
    told = relabels(document.state.plan.layout.cuts)
    made = replace(rework(), relabels=told)
    splats = replace(made.splats, object_id=np.full_like(made.splats.object_id, PART))
    document.commit(ReworkObject(replace(made, object_id=PART, splats=splats)))
    after = labelled(document.state)
    np.testing.assert_array_equal(rows(after, PART), rows(splats, PART))
    np.testing.assert_array_equal(rows(after, CHAIR), rows(before, CHAIR))
    np.testing.assert_array_equal(
        rows(before_words(document.state, PART), PART), rows(before, PART)
    )
    # Joined to the table it stays what it became.
    document.commit(Merge((PART,), TABLE))
    joined = labelled(document.state)
    assert len(rows(joined, TABLE)) == len(rows(before, TABLE)) + len(splats)
    assert not len(rows(joined, PART))


def test_what_came_from_another_scene_is_changed_and_comes_back(document: Document) -> None:
    other = replace(scene(40, 8), object_id=np.full(40, LAMP, np.int32))
    document.commit(Add(Addition(Kind.THING, (LAMP,), other, name="Lamp")))
    before = document.state.content
    change = rework()
    splats = replace(change.splats, object_id=np.full(len(change.splats), LAMP, np.int32))
    document.commit(ReworkObject(Rework(LAMP, "a red lamp", splats)))
    np.testing.assert_array_equal(rows(document.state.content, LAMP), rows(splats, LAMP))
    np.testing.assert_array_equal(rows(document.state.content, CHAIR), rows(before, CHAIR))
    document.commit(RestoreObject(LAMP))
    np.testing.assert_array_equal(rows(document.state.content, LAMP), rows(other, LAMP))


def test_what_is_modified_is_told_across_undo(document: Document) -> None:
    document.load(document.state)
    assert not document.modified
    document.commit(ReworkObject(rework()))
    assert document.modified
    document.undo()
    assert not document.modified


def test_the_history_counts_the_bytes_of_reworks(document: Document) -> None:
    one, two = rework(), rework(seed=6)
    assert one.size > 30 / 3 / 2 * 4 * 59
    document.commit(ReworkObject(one))
    document.commit(ReworkObject(two))
    assert document.history_size == one.size + one.size + two.size
    assert size_between((one,), (one, two)) == two.size
    assert size_between((), ()) == 0
    assert Plan().reworks == ()
