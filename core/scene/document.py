"""The one place that holds the state: what the user decided, what came of it, and the history."""

from collections import deque
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypedDict, Unpack

import numpy as np
from numpy.typing import NDArray

from core.capture.reconstruction import Reconstruction
from core.observe import Signal
from core.pipeline.split import Split
from core.scene.additions import shown_additions
from core.scene.edits import Edit
from core.scene.plan import Plan, names
from core.scene.regions import Region
from core.scene.reworks import as_shown, size_between
from core.scene.shown import Content
from core.segment.masks import difference

if TYPE_CHECKING:  # it brings the kernels along, which the window does not need
    from core.train.steps import Kept, Step


@dataclass(frozen=True, eq=False)
class State:
    """All that the window shows. Parts are replaced, never changed: `is not` finds what is new.

    `exposures` [P, 2, 3]: gain and bias of the photos `split.train`. `path`: the
    project's folder once it has one. `selected`: the photo at hand; `object`: the id of
    the object at hand; `placed`: ids of the placements at hand. `trained`: what `content` was
    made of by the plan's reworks and additions, None where it is the same. `marked`: which
    Gaussians are at hand. `training`: where training stands.
    """

    plan: Plan = field(default_factory=Plan)
    reconstruction: Reconstruction | None = None
    split: Split | None = None
    content: Content | None = None
    step: "Step | None" = None
    exposures: NDArray[np.float32] | None = None
    path: Path | None = None
    selected: str | None = None
    object: int | None = None
    placed: tuple[int, ...] = ()
    trained: Content | None = None
    marked: Region | None = None
    training: "Kept | None" = None

    @property
    def base(self) -> Content | None:
        """The scene as photos or a file have it, without what a plan adds: what is trained on."""
        return self.content if self.trained is None else self.trained


class News(TypedDict, total=False):
    """The parts of a `State` that come about without a decision of the user's."""

    reconstruction: Reconstruction | None
    split: Split | None
    content: Content | None
    step: "Step | None"
    exposures: NDArray[np.float32] | None
    selected: str | None
    object: int | None
    placed: tuple[int, ...]
    marked: Region | None
    training: "Kept | None"


HISTORY = 100_000_000  # bytes


class Change(NamedTuple):
    """A step of the history. `size`: bytes of masks, reworks and additions that it alone may keep
    alive."""

    label: str
    before: Plan
    after: Plan
    size: int = 0


class Document:
    """Holds the state and its history. Only the main thread may touch it.

    The history forgets its oldest steps where masks, reworks and additions would make it take more
    than `HISTORY` bytes.

    `changed` tells (old, new), once a change and in order: what a listener
    changes is told when all have heard of the change before it.
    """

    def __init__(self, state: State | None = None) -> None:
        self.changed: Signal[State, State] = Signal()
        self._untold: deque[tuple[State, State]] = deque()
        self._telling = False
        self._state = self._saved = state or State()
        self._plan = self._state.plan  # the committed one; the state may show a preview
        self._done: list[Change] = []
        self._undone: list[Change] = []

    @property
    def state(self) -> State:
        return self._state

    @property
    def last(self) -> Change | None:
        """The step that `undo` would take back."""
        return self._done[-1] if self._done else None

    @property
    def undo_label(self) -> str | None:
        """What `undo` would take back, None where there is nothing."""
        return self._done[-1].label if self._done else None

    @property
    def redo_label(self) -> str | None:
        """What `redo` would do again, None where there is nothing."""
        return self._undone[-1].label if self._undone else None

    @property
    def history_size(self) -> int:
        """At most so many bytes of masks, reworks and additions are kept for undo and redo."""
        return sum(change.size for change in (*self._done, *self._undone))

    @property
    def modified(self) -> bool:
        """Whether anything that a project file keeps is other than when it was saved."""
        now, then = self._state, self._saved
        return (
            self._plan is not then.plan
            or now.base is not then.base
            or now.reconstruction is not then.reconstruction
        )

    def preview(self, edit: Edit) -> None:
        """Show `edit` without keeping it, as for each move of a slider."""
        self._show_plan(edit.apply(self._plan))

    def commit(self, edit: Edit, *, joined: bool = False) -> None:
        """Keep `edit`; one that changes nothing is no step of the history.

        `joined`: as part of the last step, what it is a consequence of, if there is one.
        """
        after = edit.apply(self._plan)
        if after != self._plan:
            size = difference(self._plan.masks, after.masks)
            size += size_between(self._plan.reworks, after.reworks)
            size += size_between(self._plan.additions, after.additions)
            if joined and self._done:
                last = self._done.pop()
                self._done.append(last._replace(after=after, size=last.size + size))
            else:
                self._done.append(Change(edit.label, self._plan, after, size))
            self._undone.clear()
            self._forget()
            self._plan = after
        self._show_plan(self._plan)

    def undo(self) -> None:
        """Go back by one step, if there is one."""
        if self._done:
            self._undone.append(self._done.pop())
            self._plan = self._undone[-1].before
        self._show_plan(self._plan)

    def redo(self) -> None:
        """Go forward again by one step, if there is one."""
        if self._undone:
            self._done.append(self._undone.pop())
            self._plan = self._done[-1].after
        self._show_plan(self._plan)

    def show(self, **news: Unpack[News]) -> None:
        """Show what has come about. No step of the history.

        `content` is the scene without reworks and additions: it is shown with the plan's.
        """
        assert news.keys() <= News.__annotations__.keys(), news.keys()
        now = replace(self._state, content=self._state.base)
        if any(getattr(now, name) is not value for name, value in news.items()):
            self._become(_with_plan(replace(now, **news), self._state))

    def load(self, state: State, *, saved: bool = True) -> None:
        """Begin anew with `state`, as saved unless told otherwise, and without a history."""
        state = _with_plan(replace(state, content=state.base), State())
        self._saved, self._plan = state if saved else State(), state.plan
        self._done.clear()
        self._undone.clear()
        self._become(state)

    def mark_saved(self, path: Path, saved: State | None = None) -> None:
        """Note that `saved` (a state of before, or the present one) is what `path` holds."""
        if saved is None:
            saved = replace(self._state, plan=self._plan)
        self._saved = saved
        # Told even where the path is the same: whether anything is modified has changed.
        self._become(replace(self._state, path=path))

    def _forget(self) -> None:
        while self.history_size > HISTORY and len(self._done) > 1:
            self._done.pop(0)

    def _show_plan(self, plan: Plan) -> None:
        if plan is self._state.plan:
            return
        now = self._state
        selected = now.selected if now.selected in names(plan) else None
        known = {each.id for each in plan.masks.objects}
        at_hand = now.object if now.object in known else None
        placed = tuple(id_ for id_ in now.placed if plan.layout.has(id_))
        later = replace(now, content=now.base, plan=plan, selected=selected, object=at_hand)
        self._become(_with_plan(replace(later, placed=placed), now))

    def _become(self, state: State) -> None:
        self._untold.append((self._state, state))
        self._state = state
        if self._telling:
            return  # a listener's doing: told when all have heard of what came before
        self._telling = True
        errors: list[Exception] = []
        while self._untold:
            try:
                self.changed.emit(*self._untold.popleft())
            except Exception as error:  # noqa: BLE001 - raised below, when everything is told
                errors.append(error)
        self._telling = False
        if errors:
            raise errors[0]


def _with_plan(state: State, before: State) -> State:
    """`state`, whose content is as photos have it, with its plan's reworks and additions.

    What came of the same in `before` is taken from there.
    """
    base, plan, then = state.content, state.plan, before.plan
    additions = shown_additions(plan.additions, plan.layout)
    same = base is before.base and plan.reworks is then.reworks
    if same and additions == shown_additions(then.additions, then.layout):
        return replace(state, content=before.content, trained=before.trained)
    content = as_shown(base, additions, plan.reworks, plan.layout.cuts)
    return replace(state, content=content, trained=None if content is base else base)
