"""What the user does to the layout: wishes of panel, view and menus, as edits of the document."""

import numpy as np
from PySide6.QtCore import QObject

from app.engine.desk import Desk
from app.layout.cleaning import Cleaning
from app.layout.completing import Completing
from app.layout.filling import Filling
from app.layout.grounds import Grounds
from app.layout.growing import Growing
from app.layout.inserting import Inserting
from app.layout.making import Making
from app.layout.picturing import Picturing
from app.layout.settling import Settling
from core.gaussians.arrays import SplatArrays
from core.scene.arrange import (
    Edge,
    Shapes,
    Stand,
    aligned,
    distributed,
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
    SetShadows,
    SetVisible,
    Ungroup,
    created,
)
from core.scene.movable import object_ids, shown_placements
from core.scene.resting import rested
from core.scene.tops import landed, tops_of
from widgets.viewport.catching import beside
from widgets.viewport.widget import Viewport

BESIDE = 1.15  # of its own width: how far a copy stands from what it copies


class Arranging(QObject):
    """Knows the document and the view, which knows the shapes of things."""

    def __init__(self, document: Document, viewport: Viewport, desk: Desk) -> None:
        super().__init__(viewport)
        self._document, self._viewport = document, viewport
        self.grounds = Grounds(document, desk, viewport.arranger.ask)
        self.cleaning = Cleaning(document, viewport)
        self.making = Making()
        self.filling = Filling(document, self.making)
        self.settling = Settling(document, self.making)
        self.inserting = Inserting(document, viewport, self.making)
        self.completing = Completing(document, viewport, self.making)
        self.picturing = Picturing(document, self.making, self.completing)
        self.growing = Growing(document, self.making)
        parts = (
            self.filling, self.settling, self.inserting, self.completing, self.picturing,
            self.growing,
        )  # fmt: skip
        for part in (self.grounds, self.making, *parts):
            part.setParent(self)

    def poll(self) -> None:
        """Hear how far it is what is being made; called often."""
        self.making.poll()

    def close(self) -> None:
        """End the process that makes it."""
        self.making.close()

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
        """Let what is chosen stand so; what stands on it comes along, but for a new size."""
        now = self.stand()
        if now is not None:
            same_size = wished.scale == now.scale
            ids = self._viewport.arranger.moving() if same_size else self.placed
            self.commit(Move(stood(self.layout, ids, now, wished), "Place"))

    def duplicate(self) -> None:
        """Copy what is chosen, beside it; the copies are chosen then."""
        shapes, before = self.shapes, self.layout
        box = None if shapes is None else shapes.box(before, self.placed)
        if box is None:
            return
        ground = before.ground.scene_from_capture
        aside = shift(np.array([BESIDE * (box[1][0] - box[0][0]), 0.0, 0.0]))
        self.commit(Duplicate(self.placed, ground.inverse() @ aside @ ground))
        self.choose(created(before, self.layout))

    def delete(self) -> None:
        """What is picked out goes, else what is chosen."""
        if self.cleaning.marked is not None:
            self.cleaning.erase()
        else:
            self.commit(Delete(self.placed))

    def hide(self) -> None:
        self.commit(SetVisible(self.placed, False))

    def show_all(self) -> None:
        ids = tuple(each.id for each in shown_placements(self._document.state))
        self.commit(SetVisible(ids, True))

    def put_back(self) -> None:
        self.commit(Reset(self.placed))

    def group(self) -> None:
        self.commit(Group(self.placed))

    def ungroup(self) -> None:
        self.commit(Ungroup(self.placed))

    def restore(self) -> None:
        """Let all that was erased be there again."""
        self.commit(Restore(self.layout.erased))

    def toggle_shadows(self) -> None:
        """Let what stands where no photo saw it cast a shadow, or no longer."""
        self.commit(SetShadows(not self.layout.shadows))

    def drop(self) -> None:
        """Straight down, onto the floor or what stands below."""
        if self.shapes is None:
            return
        things = object_ids(self._document.state)
        tops = tops_of(self.shapes, self.layout, things)
        poses = landed(self.layout, self.shapes, self.placed, self._others(), tops)
        self.commit(Move(poses, "Drop"))

    def settle(self) -> None:
        """Where photos show it; where none do, onto what is below, and clear of other things."""
        if self.settling.shown() is not None:
            self.settling.settle()
        elif self.shapes is not None:
            poses = rested(self.layout, self.shapes, self.placed, self._others())
            self.commit(Move(poses, "Settle"))

    def align(self, axis: int, edge: Edge = Edge.MIDDLE) -> None:
        if self.shapes is not None:
            self.commit(Move(aligned(self.layout, self.shapes, self.placed, axis, edge), "Align"))

    def distribute(self, axis: int) -> None:
        if self.shapes is not None:
            poses = distributed(self.layout, self.shapes, self.placed, axis)
            self.commit(Move(poses, "Distribute"))

    def _others(self) -> list[int]:
        """Ids of what is to be seen besides."""
        return beside(self._document.state, self.placed)

    def commit(self, edit: Edit) -> None:
        """Keep an edit, and fill what it lays open."""
        self._document.commit(edit)
        self.filling.look()
