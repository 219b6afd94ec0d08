"""What was behind: holes that moved and deleted things leave are filled, as part of that step."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, Signal

from app.jobs.making import HoleWish, fill_hole
from app.layout.making import Making
from core.gaussians.arrays import SplatArrays
from core.scene.addition_edits import Add, TakeOut
from core.scene.additions import (
    Addition,
    Kind,
    away,
    shown_additions,
)
from core.scene.cuts import applied
from core.scene.document import Document
from core.scene.layout import FIRST_INSERTED, Layout
from core.scene.movable import object_ids
from core.scene.plan import Plan
from core.scene.reworks import as_shown
from widgets.panels.banner import Notice

translate = QCoreApplication.translate


class Filling(QObject):
    """Knows the document and who makes things. `automatic`: without being asked."""

    noticed = Signal(object)  # Notice

    def __init__(self, document: Document, making: Making) -> None:
        super().__init__()
        self._document, self._making = document, making
        self.automatic = True

    def look(self) -> None:
        """After an edit: fill what it has laid open, where that is wanted."""
        step = self._document.last
        if not self.automatic or step is None or not self.possible():
            return
        before = self._away(step.before.layout)
        fresh = [
            id_
            for id_ in self._away(step.after.layout)
            if id_ not in before and not _hidden(step.after.layout, id_)
        ]
        filled = {id_ for each in self._fills(step.after) for id_ in each.objects}
        open_ = tuple(id_ for id_ in fresh if id_ not in filled)
        if open_:
            self._fill(open_)

    def possible(self) -> bool:
        """Whether there are photos that tell what is around."""
        state = self._document.state
        placed = state.reconstruction is not None and bool(state.reconstruction.photos)
        return placed and isinstance(state.base, SplatArrays)

    def lying_open(self) -> tuple[int, ...]:
        """Things that are away."""
        return self._away(self._document.state.plan.layout) if self.possible() else ()

    def fill_all(self) -> None:
        """Fill, also anew, what all things that are away have hidden."""
        open_ = self.lying_open()
        if open_:
            self._fill(open_)

    def made_up(self, placed: tuple[int, ...]) -> tuple[Addition, ...]:
        """What no photo shows: of the things chosen, or else everywhere."""
        state = self._document.state
        chosen = {state.plan.layout.placement(id_).object_id for id_ in placed}
        return tuple(
            each
            for each in state.plan.additions
            if each.kind is not Kind.THING and (not chosen or chosen & set(each.objects))
        )

    def take_out(self, placed: tuple[int, ...]) -> None:
        """Remove what was made up."""
        self._document.commit(TakeOut(self.made_up(placed)))

    def _away(self, layout: Layout) -> tuple[int, ...]:
        ids = object_ids(self._document.state)
        return tuple(id_ for id_ in ids if id_ < FIRST_INSERTED and away(layout, id_))

    def _fills(self, plan: Plan) -> tuple[Addition, ...]:
        return tuple(each for each in plan.additions if each.kind is Kind.BEHIND)

    def _fill(self, open_: tuple[int, ...]) -> None:
        state = self._document.state
        plan, reconstruction = state.plan, state.reconstruction
        others = shown_additions(
            [e for e in self._fills(plan) if not set(e.objects) <= set(open_)], plan.layout
        )
        cuts = plan.layout.cuts
        scene = as_shown(state.base, others, plan.reworks, cuts)
        if not isinstance(scene, SplatArrays) or reconstruction is None:
            return
        ids, gone = applied(scene, cuts)
        gone |= np.isin(ids, [id_ for id_ in self._away(plan.layout) if id_ not in open_])
        scene = replace(scene, object_id=ids).rows(~gone)
        ground = plan.layout.ground.scene_from_capture
        wish = HoleWish(open_, reconstruction.photos, ground, plan.settings.fill)
        words = translate("Filling", "Filling what was behind")

        def then(value: object) -> None:
            if isinstance(value, Addition):
                self._filled(value, plan)

        self._making.ask(words, fill_hole, (wish,), scene, then)

    def _filled(self, addition: Addition, plan: Plan) -> None:
        now = self._document.state
        if not any(away(now.plan.layout, id_) for id_ in addition.objects):
            return  # it is back where it was
        if not len(addition.splats):
            words = translate("Filling", "Photos show what was behind: nothing is left to fill.")
            self.noticed.emit(Notice(words, kind="info"))
            return
        self._document.commit(Add(addition), joined=now.plan is plan)


def _hidden(layout: Layout, object_id: int) -> bool:
    """Whether it is away for a while only."""
    return layout.has(object_id) and not layout.placement(object_id).visible
