"""Picking out Gaussians with the mouse, or brushing them away: wishes for a region of them."""

from typing import TYPE_CHECKING, cast

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal

from core.scene.choosing import combined, crops, meant, standing
from core.scene.document import State
from core.scene.regions import How, Region
from widgets.viewport.easel import same_eye
from widgets.viewport.eye import Eye
from widgets.viewport.handles import Mode
from widgets.viewport.layers import main_part
from widgets.viewport.outline_plate import OutlinePlate
from widgets.viewport.outlines import (
    VOLUMES,
    Pixel,
    Tool,
    encloses,
    grown,
    how_of,
    thinned,
    within,
)
from widgets.viewport.pointing import Dab, Stroke, erasing, radius_at, touched
from widgets.viewport.surface import now
from widgets.viewport.volume import (
    Grip,
    Volume,
    around,
    as_kind,
    dragged,
    grip_at,
    lines,
    region_of,
    volume_of,
)
from widgets.viewport.worker import Ready

if TYPE_CHECKING:
    from widgets.viewport.widget import Viewport

Keys = Qt.KeyboardModifier
ROOM = 1.08  # of a thing: how large the box is that is first put around it
IN_SIGHT = 0.22  # of the way to what is looked at: half a box that is seen with all its grips


class Selecting(QObject):
    """At work while the arranger's mode is to select or to erase.

    Knows the state as the viewport shows it.
    """

    chose = Signal(object)  # Region of the Gaussians picked out, or None
    counted = Signal(int)  # how many those are, of what is shown
    changed = Signal()  # the tool, or the volume
    shown = Signal(object)  # Segments of the volume, or None

    def __init__(self, viewport: "Viewport") -> None:
        super().__init__(viewport)
        self._tool = Tool.LASSO
        self.volume: Volume | None = None
        self.turning = False  # whether the mouse turns the view meanwhile
        self._state = State()
        self._plate = OutlinePlate(viewport)
        self._outline: tuple[Pixel, ...] = ()
        self._stroke: Stroke | None = None
        self._how: How | None = None
        self._before: Region | None = None
        self._held: tuple[Grip, Volume, Pixel] | None = None
        self._over: Grip | None = None
        self._drawn_for: Eye | None = None
        self._marks: object = None

    @property
    def _viewport(self) -> "Viewport":
        return cast("Viewport", self.parent())

    @property
    def active(self) -> bool:
        arranger, modes = self._viewport.arranger, (Mode.SELECT, Mode.ERASE)
        return arranger.active and arranger.mode in modes and arranger.asked is None

    @property
    def erases(self) -> bool:
        """Whether what the brush touches is erased, whatever the tool is otherwise."""
        return self._viewport.arranger.mode is Mode.ERASE

    @property
    def tool(self) -> Tool:
        return Tool.BRUSH if self.erases else self._tool

    @property
    def dragging(self) -> bool:
        return bool(self._outline) or self._stroke is not None or self._held is not None

    def show_state(self, new: State) -> None:
        self._state = new

    def set_tool(self, tool: Tool) -> None:
        """A box or sphere is put around what is chosen, or where one has cropped already."""
        self.cancel()
        self._tool = tool
        if tool in VOLUMES:
            self.set_volume(self._first(ball=tool is Tool.BALL))
        self._show()
        self.changed.emit()

    def set_volume(self, volume: Volume | None) -> None:
        """Pick out what is in `volume`."""
        self.volume = volume
        if volume is not None:
            self.chose.emit(meant(self._state, lambda where: region_of(volume, where)))
        self._show()
        self.changed.emit()

    # For the input; positions in physical pixels

    def press(self, at: Pixel, keys: Keys) -> bool:
        """Begin to pick out; False where the mouse turns the view instead."""
        if self.turning:
            return False
        if self.tool in VOLUMES:
            grip = self._grip(at)
            if grip is None or self.volume is None:
                return False
            self._held = grip, self.volume, at
            return True
        less = Keys.AltModifier | Keys.ControlModifier
        self._how = how_of(shift=bool(keys & Keys.ShiftModifier), alt=bool(keys & less))
        self._before = None if self.erases else self._state.marked
        if self.tool is Tool.BRUSH:
            chosen = {self._viewport.arranger.layout.placement(id_).object_id
                      for id_ in self._state.placed}  # fmt: skip
            self._stroke = Stroke(frozenset(chosen))
            self._dab(at)
            if not self._stroke.dabs:
                self._stroke = None  # beside all things the view turns
                return False
        else:
            self._outline = (at,)
        return True

    def move(self, at: Pixel, *, free: bool, snap: bool) -> None:
        """Go on to `at`."""
        if self._held is not None:
            grip, begun, start = self._held
            self.set_volume(dragged(begun, grip, self._eye(), start, at, free=free))
        elif self._stroke is not None:
            self._dab(at)
        elif self._outline:
            self._outline = grown(self._outline, self.tool, at)
            ratio = self._viewport.devicePixelRatioF()
            self._plate.show_outline([(x / ratio, y / ratio) for x, y in self._outline])

    def release(self) -> None:
        """What was gone around is picked out."""
        outline, eye, stroke, held = self._outline, self._eye(), self._stroke, self._held
        self._end()
        if held is not None:
            self.changed.emit()
        if self.erases and stroke is not None:
            edit = erasing(stroke, self._viewport.arranger.layout)
            self.chose.emit(None)
            if edit is not None:
                self._viewport.arranger.edited.emit(edit)
        if encloses(outline):
            there = meant(self._state, lambda where: within(thinned(outline), eye, where))
            self.chose.emit(combined(self._before, self._how, there))
        self._show()

    def cancel(self) -> bool:
        """As if the drag had never been; whether there was one."""
        if not self.dragging:
            return False
        held, stroke = self._held, self._stroke
        self._end()
        if held is not None:
            self.set_volume(held[1])
        elif stroke is not None:
            self.chose.emit(self._before)
        return True

    def escape(self) -> bool:
        """Give up the drag, else what is picked out; whether there was either."""
        if self.cancel():
            return True
        if self._state.marked is None:
            return self._viewport.arranger.escape()
        self.volume = None
        self.chose.emit(None)
        self._show()
        return True

    def click(self, at: Pixel, *, adding: bool) -> bool:
        """Choose the thing inside of which to pick out."""
        return self.tool is Tool.BRUSH or self._viewport.arranger.click(at, adding=adding)

    def hover(self, at: Pixel) -> bool:
        """Show the brush, or which grip would be taken; whether there is one."""
        ratio, brush = self._viewport.devicePixelRatioF(), self.tool is Tool.BRUSH
        place = (at[0] / ratio, at[1] / ratio) if brush else None
        self._plate.show_brush(place, self._viewport.arranger.brush)
        over = self._grip(at)
        if over is not self._over:
            self._over = over
            self._show()
        return over is not None

    def looked(self, eye: Eye, ready: Ready | None) -> None:
        """The view may have moved, and more or fewer may be picked out."""
        marks = None if ready is None else ready.marks
        if marks is not self._marks:
            self._marks = marks
            self.counted.emit(0 if marks is None else int(marks.sum()))
        if self.volume is not None and not (self._drawn_for and same_eye(self._drawn_for, eye)):
            self._show(eye)

    def _first(self, *, ball: bool) -> Volume | None:
        if self.volume is not None:
            return as_kind(self.volume, ball=ball)
        here = standing(self._state)
        for region in reversed(crops(self._state.plan.layout.erased)):
            found = volume_of(region, here[0]) if here else None
            if found is not None:
                return as_kind(found, ball=ball)
        box, camera = self._viewport.arranger.box(), self._viewport.pilot.camera
        if box is not None:
            middle, half = (box[0] + box[1]) / 2, ROOM * (box[1] - box[0]) / 2
        elif (whole := main_part(self._state)) is not None:
            reach = IN_SIGHT * float(np.linalg.norm(camera.offset))
            middle, half = camera.pivot, np.minimum((whole[1] - whole[0]) / 2, reach)
        else:
            return None
        return around((middle - half, middle + half), ball=ball)

    def _dab(self, at: Pixel) -> None:
        with self._viewport.drawing() as easel:
            point = None if easel is None else easel.point_at(*at)
            placement = None if easel is None else easel.renderer.placement_at(*at)
        ratio = self._viewport.devicePixelRatioF()
        radius = self._viewport.arranger.brush
        self._plate.show_brush((at[0] / ratio, at[1] / ratio), radius)
        if self._stroke is None or point is None:
            return
        size = radius_at(self._eye(), point, radius * ratio)
        self._stroke = self._stroke.touched(Dab(np.asarray(point), size, placement))
        there = touched(self._stroke, self._viewport.arranger.layout)
        if there is not None:
            self.chose.emit(combined(self._before, self._how, there))

    def _end(self) -> None:
        self._outline, self._stroke, self._held = (), None, None
        self._plate.show_outline(())

    def _grip(self, at: Pixel) -> Grip | None:
        if self.volume is None or self.tool not in VOLUMES:
            return None
        return grip_at(self.volume, self._eye(), at, self._viewport.devicePixelRatioF())

    def _show(self, eye: Eye | None = None) -> None:
        there = self.volume if self.active and self.tool in VOLUMES else None
        eye = self._drawn_for = eye or self._eye()
        if self.tool is not Tool.BRUSH or not self.active:
            self._plate.show_brush(None, 0.0)
        held = self._held[0] if self._held is not None else self._over
        ratio = self._viewport.devicePixelRatioF()
        self.shown.emit(None if there is None else lines(there, eye, held, ratio))
        self._viewport.wake()

    def mode_changed(self) -> None:
        """Selecting begins or ends."""
        self.cancel()
        self.turning = False
        if not self.active:
            self.volume = None
            self.chose.emit(None)
        self._show()
        self.changed.emit()

    def _eye(self) -> Eye:
        return self._viewport.pilot.eye(now())
