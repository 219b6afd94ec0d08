"""Choosing and moving placements with the mouse: shows previews, and wishes for one edit a drag."""

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from core.scene.arrange import Box, Shapes, Snapping, shapes_of
from core.scene.document import State
from core.scene.layout import HERE, Layout
from core.scene.movable import labelled, movable
from widgets.viewport.catching import Room, catching, clicked, others, room, with_riders
from widgets.viewport.dragging import Drag, Motion, edit_of, motion
from widgets.viewport.easel import same_eye
from widgets.viewport.eye import Eye
from widgets.viewport.handles import AXES, PARTS, Handles, Mode, Part, handles, part_at, segments
from widgets.viewport.handles_plate import HandlesPlate
from widgets.viewport.pointing import Asked, marks
from widgets.viewport.surface import now

if TYPE_CHECKING:
    from widgets.viewport.widget import Viewport

Array = NDArray[np.float64]
Wish = tuple[tuple[float, float], bool, bool]  # where; whether freely; whether snapping


class Arranger(QObject):
    """At work only where `active`. Knows the state as the viewport shows it."""

    previewed = Signal(object)  # Edit, of a drag under way
    edited = Signal(object)  # Edit
    chosen = Signal(object)  # tuple of ids of placements
    mode_changed = Signal(object)  # Mode
    shown = Signal(object)  # Segments of the handles, or None
    pointed = Signal(object)  # Asked, with one point more; None when it was given up

    def __init__(self, viewport: "Viewport") -> None:
        super().__init__(viewport)
        self.active = self.snaps = False
        self.mode = Mode.MOVE
        self.solid = self.collides = False  # whether things stop at others; whether they would
        self.takes_along = True  # what stands on things that are moved or turned
        self._room: Room | None = None
        self.brush = 24.0  # radius, logical pixels
        self.asked: Asked | None = None
        self._state = State()
        self._shapes: Shapes | None = None
        self._drag: Drag | None = None
        self._motion: Motion | None = None
        self._wish: Wish | None = None  # of a move that is not previewed yet
        self._last: Wish | None = None  # of the last one
        self.grabbed = False  # whether it is dragged without a button
        self._awaited = False  # a picture of what was previewed
        self._over: Part | None = None
        self._plate = HandlesPlate(viewport)
        self._seen_from: Eye | None = None
        self._boxed: tuple[State, Box | None] | None = None

    @property
    def _viewport(self) -> "Viewport":
        return cast("Viewport", self.parent())

    @property
    def layout(self) -> Layout:
        return self._state.plan.layout

    @property
    def dragging(self) -> bool:
        return self._drag is not None

    @property
    def shapes(self) -> Shapes | None:
        """Of the objects of the scene that is shown."""
        self._shapes = shapes_of(labelled(self._state), self._shapes)
        return self._shapes

    def show_state(self, new: State) -> None:
        """Take over the state; what is dragged goes on from where it began."""
        self._state = new
        if self.active:
            self._show()

    def set_active(self, active: bool) -> None:
        """Whether things can be chosen and moved."""
        self.active = active
        if not active:
            self.cancel()
        self._show()
        self.mode_changed.emit(self.mode)

    def set_mode(self, mode: Mode) -> None:
        if mode is not self.mode:
            self.mode = mode
            self._show()
            self.mode_changed.emit(mode)

    def set_brush(self, radius: float) -> None:
        self.brush = min(max(radius, 4.0), 200.0)

    def set_snaps(self, snaps: bool) -> None:
        self.snaps = snaps

    def ask(self, purpose: str, count: int) -> None:
        """Take the next clicks as points of the scene."""
        self._answer(Asked(purpose, count))

    def _answer(self, asked: Asked | None) -> None:
        self.asked = None if asked is None or asked.complete else asked
        self._show()
        self.pointed.emit(asked)

    def box(self) -> Box | None:
        """Around what is chosen, scene frame."""
        if self._boxed is None or self._boxed[0] is not self._state:
            shapes, placed = self.shapes, self._state.placed
            box = None if shapes is None or not placed else shapes.box(self.layout, placed)
            self._boxed = self._state, box
        return self._boxed[1]

    def pivot(self) -> Array | None:
        """What it is turned and scaled about [3]."""
        shapes = self.shapes
        return None if shapes is None else shapes.pivot(self.layout, self._state.placed)

    # For the input; positions in physical pixels

    def press(self, at: tuple[float, float], _keys: object = None) -> bool:
        """Take hold of what is chosen, if it is there; whether it was."""
        if not self.active or self.asked is not None:
            return False
        part, seen = self._part(at), None
        if part is None:
            if self.placement_at(at) not in self._state.placed:
                return False
            part, seen = Part.BODY, self._seen_point(at)
        return self._hold(part, at, seen)

    def grab(self, part: Part, at: tuple[float, float]) -> bool:
        """Take hold of what is chosen without a button; whether there is anything."""
        self.grabbed = self.active and self.asked is None and self._hold(part, at)
        return self.grabbed

    def constrain(self, part: Part) -> None:
        """Drag on along this axis alone, or, where it was so already, along all again."""
        if self._drag is not None and self._drag.part in (Part.BODY, *AXES):
            now = Part.BODY if self._drag.part is part else part
            self._drag = replace(self._drag, part=now)
            self._wish = self._wish or self._last
            self._follow()
            self._show()

    def moving(self) -> tuple[int, ...]:
        """Ids of what is chosen, and of what comes along with it."""
        return with_riders(self._state, self.shapes if self.takes_along else None)

    def _hold(self, part: Part, at: tuple[float, float], point: Array | None = None) -> bool:
        box, pivot = self.box(), self.pivot()
        if box is None or pivot is None:
            return False
        point = (box[0] + box[1]) / 2 if point is None else point
        mode = self.mode if part is Part.BODY and not self.grabbed else Mode.MOVE
        ids = self._state.placed if mode is Mode.SCALE or part is Part.KNOB else self.moving()
        self._room = room(self._state, self.shapes, ids)
        around = others(self._state, self.shapes, ids)
        self._drag = Drag(self.layout, ids, box, pivot, part, mode, at, point, around)
        self._show()
        return True

    def move(self, at: tuple[float, float], *, free: bool, snap: bool) -> None:
        """Drag on; `snap`: the other way than usual. One preview a picture: more would be lost."""
        self._wish = self._last = at, free, snap
        if not self._awaited:
            self._follow()

    def drawn(self, _seconds: float) -> None:
        """A picture was finished."""
        self._awaited = False
        if self._wish is not None:
            self._follow()
        if self._drag is not None:
            self._plate.say(self._drag.pivot, self._motion, self._eye(), alarm=self.collides)

    def _follow(self) -> None:
        """Preview where the mouse is."""
        if self._drag is None or self._wish is None:
            return
        (at, free, snap), self._wish, before = self._wish, None, self._state
        how = self.snapping() if snap != self.snaps else Snapping()
        done = motion(self._drag, self._eye(), at, free=free, how=how)
        self.collides = self._room is not None and self._room.runs_into(done.pose)
        if self.collides and self.solid:
            return  # it stays where there was room
        self._motion = done
        self.previewed.emit(edit_of(self._drag, self._motion))
        self._awaited = self._state is not before  # or no picture comes of it

    def release(self) -> None:
        """Let go: the drag becomes an edit."""
        self._follow()
        drag, done = self._drag, self._motion
        self._let_go()
        if drag is not None and done is not None:
            self.edited.emit(edit_of(drag, done))
        self._show()

    def cancel(self) -> bool:
        """As if what is dragged had never been; whether there was such a thing."""
        if self.asked is not None:
            self._answer(None)
            return True
        drag = self._drag
        self._let_go()
        if drag is None:
            return False
        self.previewed.emit(replace(edit_of(drag, Motion(HERE)), poses={}))
        self._show()
        return True

    def _let_go(self) -> None:
        self._drag = self._motion = self._wish = self._last = None
        self.collides = self.grabbed = False

    def escape(self) -> bool:
        """Give up the drag, else the choice; whether there was either."""
        if self.cancel():
            return True
        if not self.active or not self._state.placed:
            return False
        self.chosen.emit(())
        return True

    def click(self, at: tuple[float, float], *, adding: bool) -> bool:
        """Choose what is there; whether choosing is what a click does now."""
        if not self.active:
            return False
        if self.asked is not None:
            self._answer(self.asked.answered(self._seen_point(at)))
            return True
        id_ = self.placement_at(at)
        if id_ is not None or not adding:
            self.chosen.emit(clicked(self.layout, self._state.placed, id_, adding=adding))
        return True

    def hover(self, at: tuple[float, float]) -> bool:
        """Show which handle would be taken; whether there is one."""
        part = self._part(at) if self.active and self._drag is None else None
        if part is not self._over:
            self._over = part
            self._show()
        return part is not None

    def placement_at(self, at: tuple[float, float]) -> int | None:
        """Id of what can be moved and is seen there."""
        easel = self._viewport.easel
        id_ = None if easel is None else easel.renderer.placement_at(*at)
        if id_ is None or not self.layout.has(id_):
            return None
        return id_ if movable(self._state, self.layout.placement(id_).object_id) else None

    def looked(self, eye: Eye) -> None:
        """The view may have moved."""
        if self._seen_from is None or not same_eye(self._seen_from, eye):
            self._show(eye)

    def snapping(self) -> Snapping:
        """What motions catch at, as fine as suits what is seen."""
        size = self._viewport.pilot.camera.scene_size
        return catching(self._eye(), self.box(), self._ratio(), size)

    def _seen_point(self, at: tuple[float, float]) -> Array | None:
        with self._viewport.drawing() as easel:
            return None if easel is None else easel.point_at(*at)

    def _part(self, at: tuple[float, float]) -> Part | None:
        shown = self._handles(self._eye())
        return None if shown is None else part_at(shown, self._eye(), *at, self._ratio())

    def _handles(self, eye: Eye) -> Handles | None:
        box, pivot = (self.box(), self.pivot()) if self.active else (None, None)
        if box is None or pivot is None or not PARTS[self.mode]:
            return None
        return handles(box, pivot, eye, self.mode, self._ratio())

    def _show(self, eye: Eye | None = None) -> None:
        eye = self._seen_from = eye or self._eye()
        held = self._drag.part if self._drag is not None else self._over
        self._plate.show_points(marks(self.asked), eye)
        self.shown.emit(None if (there := self._handles(eye)) is None else segments(there, held))
        if self._drag is None:
            self._plate.say(None, None, eye)
        self._viewport.wake()

    def _eye(self) -> Eye:
        return self._viewport.pilot.eye(now())

    def _ratio(self) -> float:
        return self._viewport.devicePixelRatioF()
