"""The document: edits, their history, and who is told what."""

import itertools
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.capture.reconstruction import Reconstruction, SparsePoints
from core.pipeline.settings import Preset
from core.scene.document import Document, State
from core.scene.edits import (
    AddPhotos,
    ChangeSettings,
    Edit,
    RemovePhotos,
    SetHeldOut,
    SetIncluded,
)
from core.scene.plan import Plan, names
from core.scene.shown import PointCloud
from tests.test_edits import BEST, EDITS, QUICK, START, capture


def points() -> PointCloud:
    return PointCloud(np.zeros((1, 3), np.float32), np.zeros((1, 3), np.uint8))


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.label)
def test_undo_gives_exactly_the_former_plan_and_redo_the_later(edit: Edit) -> None:
    document = Document(State(START))
    document.commit(edit)
    after = document.state.plan
    assert after != START
    assert after == edit.apply(START)
    assert (document.undo_label, document.redo_label) == (edit.label, None)
    document.undo()
    assert document.state.plan is START
    assert (document.undo_label, document.redo_label) == (None, edit.label)
    document.redo()
    assert document.state.plan is after


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.label)
def test_an_edit_done_twice_is_one_step(edit: Edit) -> None:
    document = Document(State(START))
    document.commit(edit)
    document.commit(edit)
    document.undo()
    assert document.state.plan is START
    document.commit(ChangeSettings(START.settings))  # no change: the way forward stays open
    assert document.redo_label == edit.label


def test_random_histories_agree_with_a_list_of_plans() -> None:
    chance = random.Random(7)
    document = Document(State(START))
    plans, at = [START], 0
    for _ in range(2000):
        match chance.choice(["commit", "commit", "preview", "undo", "redo"]):
            case "commit":
                edit = possible(chance, plans[at])
                if edit.apply(plans[at]) != plans[at]:
                    plans = [*plans[: at + 1], edit.apply(plans[at])]
                    at += 1
                document.commit(edit)
            case "preview":
                edit = possible(chance, plans[at])
                document.preview(edit)
                assert document.state.plan == edit.apply(plans[at])
                continue
            case "undo":
                at = max(at - 1, 0)
                document.undo()
            case "redo":
                at = min(at + 1, len(plans) - 1)
                document.redo()
        assert document.state.plan == plans[at]
        assert (document.undo_label is None) == (at == 0)
        assert (document.redo_label is None) == (at == len(plans) - 1)


def possible(chance: random.Random, plan: Plan) -> Edit:
    some = tuple(chance.sample(names(plan), min(len(names(plan)), chance.randint(1, 2))))
    kinds: list[Callable[[], Edit]] = [
        lambda: AddPhotos(capture(f"{chance.choice('abcdef')}.jpg", folder=chance.choice("xy"))),
        lambda: RemovePhotos(some),
        lambda: SetIncluded(some, chance.random() < 0.5),
        lambda: SetHeldOut(some, chance.random() < 0.5),
        lambda: ChangeSettings(replace(QUICK, iterations=chance.randint(1, 3))),
    ]
    return chance.choice(kinds)()


def test_a_preview_starts_from_the_committed_plan_and_leaves_no_trace() -> None:
    document = Document(State(START))
    document.preview(SetIncluded(("a.jpg",), False))
    document.preview(SetIncluded(("c.jpg",), False))
    assert document.state.plan.excluded == {"b.jpg", "c.jpg"}
    assert (document.undo_label, document.modified) == (None, False)
    document.commit(ChangeSettings(QUICK))
    assert document.state.plan == replace(START, settings=QUICK)
    document.preview(ChangeSettings(BEST))
    document.undo()
    assert document.state.plan is START
    document.preview(ChangeSettings(BEST))
    document.commit(ChangeSettings(START.settings))  # back at the beginning of the slider
    assert document.state.plan is START
    assert document.undo_label is None


def test_an_edit_that_fails_changes_nothing() -> None:
    document = Document(State(START))
    with pytest.raises(ValueError, match=r"no photos named \['z.jpg'\]"):
        document.commit(SetIncluded(("z.jpg",), False))
    assert (document.state.plan, document.undo_label) == (START, None)


def test_modified_knows_branches() -> None:
    document = Document(State(START))
    document.commit(ChangeSettings(QUICK))
    assert document.modified
    document.mark_saved(Path("/p.maquette"))
    assert not document.modified
    document.undo()
    assert document.modified
    document.redo()
    assert not document.modified
    document.undo()
    document.commit(ChangeSettings(BEST))  # as many steps as when it was saved
    assert document.modified
    document.undo()
    assert document.modified


def test_modified_knows_content() -> None:
    document = Document()
    assert not document.modified
    document.show(selected=None, step=None)
    assert not document.modified
    document.show(content=points())
    assert document.modified
    document.mark_saved(Path("/p.maquette"))
    assert not document.modified
    document.show(reconstruction=Reconstruction((), SparsePoints.none(), ()))
    assert document.modified


def test_what_was_saved_may_be_older_than_what_is_shown() -> None:
    document = Document(State(START))
    document.commit(ChangeSettings(QUICK))
    writing = document.state
    document.show(content=points())
    document.mark_saved(Path("/p.maquette"), writing)
    assert document.modified
    assert document.state.path == Path("/p.maquette")


def test_saving_while_a_preview_is_shown_saves_the_committed_plan() -> None:
    document = Document(State(START))
    document.preview(ChangeSettings(QUICK))
    document.mark_saved(Path("/p.maquette"))
    assert not document.modified
    document.commit(ChangeSettings(QUICK))
    assert document.modified


def test_loading_begins_a_new_history() -> None:
    document = Document(State(START))
    document.commit(ChangeSettings(QUICK))
    document.preview(ChangeSettings(BEST))
    document.load(State(content=points()))
    assert (document.undo_label, document.redo_label, document.modified) == (None, None, False)
    document.undo()
    assert document.state.plan == Plan()


def test_everyone_is_told_once_a_change_with_old_and_new() -> None:
    document = Document(State(START))
    told: list[tuple[State, State]] = []
    document.changed.connect(lambda old, new: told.append((old, new)))
    states = [document.state]
    for act in (
        lambda: document.preview(ChangeSettings(QUICK)),
        lambda: document.commit(ChangeSettings(QUICK)),
        document.undo,
        document.undo,  # nothing to undo: nothing to tell
        document.redo,
        lambda: document.commit(ChangeSettings(QUICK)),  # no change
        lambda: document.show(selected="a.jpg"),
        lambda: document.show(selected="a.jpg"),  # no change
        lambda: document.mark_saved(Path("/p")),
        lambda: document.load(State()),
    ):
        act()
        states.append(document.state)
    changes = [(a, b) for a, b in itertools.pairwise(states) if a is not b]
    assert len(changes) == 7
    assert told == changes


def test_the_selection_goes_with_its_photo() -> None:
    document = Document(State(START, selected="c.jpg"))
    document.commit(ChangeSettings(QUICK))
    assert document.state.selected == "c.jpg"
    document.commit(RemovePhotos(("c.jpg",)))
    assert document.state.selected is None


def test_what_listeners_change_is_told_in_order() -> None:
    document = Document(State(START))
    heard: list[Preset | None] = []

    def meddle(old: State, new: State) -> None:
        if new.plan.settings is QUICK:
            document.commit(ChangeSettings(BEST))

    document.changed.connect(meddle)
    document.changed.connect(lambda old, new: heard.append(new.plan.settings.preset))
    document.commit(ChangeSettings(QUICK))
    assert heard == [Preset.QUICK, Preset.BEST]
    document.undo()  # to QUICK, which the meddler changes again
    assert document.state.plan.settings is BEST
    assert heard == [Preset.QUICK, Preset.BEST] * 2


def test_a_listener_that_raises_keeps_nobody_from_hearing() -> None:
    document = Document(State(START))
    heard: list[Preset] = []

    def fail(old: State, new: State) -> None:
        document.commit(ChangeSettings(BEST))
        raise RuntimeError("broken widget")

    document.changed.connect(fail)
    document.changed.connect(lambda old, new: heard.append(new.plan.settings.preset))
    with pytest.raises(RuntimeError, match="broken widget"):
        document.commit(ChangeSettings(QUICK))
    assert heard == [Preset.QUICK, Preset.BEST]
