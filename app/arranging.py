"""What the user does to the layout: wishes of panel, view and menus, as edits of the document."""

import numpy as np
from PySide6.QtCore import QObject

from app.desk import Desk
from app.grounds import Grounds
from core.gaussians.arrays import SplatArrays
from core.scene.arrange import (
    Edge,
    Shapes,
    Stand,
    aligned,
    distributed,
    dropped,
    shift,
    stand,
    stood,
)
from core.scene.document import Document
from core.scene.edits import Edit
from core.scene.layout import Layout
from core.scene.layout_edits import (
    Delete,
    Duplicate,
    Group,
    Move,
    Reset,
    Restore,
    SetVisible,
    Ungroup,
    created,
)
from core.scene.movable import shown_placements
from widgets.viewport.widget import Viewport

BESIDE = 1.15  # of its own width: how far a copy stands from what it copies


class Arranging(QObject):
    """Knows the document and the view, which knows the shapes of things."""

    def __init__(self, document: Document, viewport: Viewport, desk: Desk) -> None:
        super().__init__(viewport)
        self._document, self._viewport = document, viewport
        self.grounds = Grounds(document, desk, viewport.arranger.ask)
        self.grounds.setParent(self)

    @property
    def placed(self) -> tuple[int, ...]:
        """Ids of what is chosen."""
        return self._document.state.placed

    @property
    def layout(self) -> Layout:
        return self._document.state.plan.layout

    @property
    def shapes(self) -> Shapes | None:
        return self._viewport.arranger.shapes

    def possible(self) -> bool:
        """Whether there are splats to arrange."""
        return isinstance(self._document.state.content, SplatArrays)

    def choose(self, ids: tuple[int, ...]) -> None:
        self._document.show(placed=tuple(ids))

    def choose_all(self) -> None:
        placements = shown_placements(self._document.state)
        self.choose(tuple(each.id for each in placements if each.visible))

    def stand(self) -> Stand | None:
        """How what is chosen stands."""
        shapes = self.shapes
        return None if shapes is None else stand(self.layout, shapes, self.placed)

    def stand_as(self, wished: Stand) -> None:
        """Let what is chosen stand so."""
        now = self.stand()
        if now is not None:
            self._commit(Move(stood(self.layout, self.placed, now, wished), "Place"))

    def duplicate(self) -> None:
        """Copy what is chosen, beside it; the copies are chosen then."""
        shapes, before = self.shapes, self.layout
        box = None if shapes is None else shapes.box(before, self.placed)
        if box is None:
            return
        ground = before.ground.scene_from_capture
        aside = shift(np.array([BESIDE * (box[1][0] - box[0][0]), 0.0, 0.0]))
        self._commit(Duplicate(self.placed, ground.inverse() @ aside @ ground))
        self.choose(created(before, self.layout))

    def delete(self) -> None:
        self._commit(Delete(self.placed))

    def hide(self) -> None:
        self._commit(SetVisible(self.placed, False))

    def show_all(self) -> None:
        ids = tuple(each.id for each in shown_placements(self._document.state))
        self._commit(SetVisible(ids, True))

    def put_back(self) -> None:
        self._commit(Reset(self.placed))

    def group(self) -> None:
        self._commit(Group(self.placed))

    def ungroup(self) -> None:
        self._commit(Ungroup(self.placed))

    def restore(self) -> None:
        """Let all that was erased be there again."""
        self._commit(Restore(self.layout.erased))

    def drop(self) -> None:
        """Straight down, onto the floor or what stands below."""
        if self.shapes is None:
            return
        placements = shown_placements(self._document.state)
        others = [e.id for e in placements if e.visible and e.id not in self.placed]
        self._commit(Move(dropped(self.layout, self.shapes, self.placed, others), "Drop"))

    def align(self, axis: int, edge: Edge = Edge.MIDDLE) -> None:
        if self.shapes is not None:
            self._commit(Move(aligned(self.layout, self.shapes, self.placed, axis, edge), "Align"))

    def distribute(self, axis: int) -> None:
        if self.shapes is not None:
            poses = distributed(self.layout, self.shapes, self.placed, axis)
            self._commit(Move(poses, "Distribute"))

    def _commit(self, edit: Edit) -> None:
        self._document.commit(edit)
