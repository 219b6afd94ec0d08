"""The viewport: shows the scene of a state, lets the user move about in it, says what is wished."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QImage, QResizeEvent
from PySide6.QtWidgets import QWidget

from core.errors import UserError
from core.geometry.camera import Pinhole
from core.scene.document import State
from widgets.guard import guarded, report
from widgets.viewport.bell import worker_of
from widgets.viewport.beside import Beside
from widgets.viewport.captions import Captions
from widgets.viewport.contents import Contents
from widgets.viewport.easel import Subject
from widgets.viewport.flight import PhotoCamera
from widgets.viewport.framing import (
    another_scene,
    begin_view,
    camera_of,
    goes_on,
    is_empty,
    whole,
)
from widgets.viewport.gizmo import Gizmo
from widgets.viewport.grounding import Grounding, carried
from widgets.viewport.input import Input
from widgets.viewport.keymap import Keymap
from widgets.viewport.layers import (
    Array,
    Box,
    FlatPhoto,
    Pixels,
    main_part,
    placed_photo,
)
from widgets.viewport.legend import legend
from widgets.viewport.navigation import Side
from widgets.viewport.options import Options
from widgets.viewport.pictures import prefers_rest, save, to_image
from widgets.viewport.pilot import Pilot
from widgets.viewport.surface import VERSION, Surface, now
from widgets.viewport.tools import tools

MARGIN = 8  # logical pixels, of the compass
MIDDLE = 0.5  # of the width: where the wipe's line is at first


class Viewport(Surface):
    """Holds no document: it shows states, and its signals say what the user wants."""

    photo_chosen = Signal(str)  # a frustum was clicked
    photo_picture_wanted = Signal(str)  # the flat photo of that name, for `set_photo_picture`
    looking_through = Signal(object)  # name of the photo whose camera is looked through, or None
    options_changed = Signal(object)  # Options
    orthographic_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None, *, needed: tuple[int, int] = VERSION) -> None:
        super().__init__(parent, needed)
        self.pilot, self.keymap = Pilot(), Keymap.MAQUETTE
        self.pilot.still_motion = prefers_rest(self)
        self._options = Options()
        self.background = self._options.background
        self._wipe = MIDDLE
        self._state = State()
        self._grounded = Grounding()
        self._told_photo: str | None = None
        self._beside: Beside | None = None
        self.contents = Contents(worker_of(self, self._hear))
        self.arranger, self.selecting = tools(self, self.contents)
        self._input = Input(self.pilot, self)
        self._captions = Captions(self)
        self._gizmo = Gizmo(self)
        self._gizmo.chosen.connect(self.look_from)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setMouseTracking(True)
        self.setMinimumSize(160, 120)
        self.setAccessibleName(self.tr("3D view"))
        self.setAccessibleDescription(
            self.tr("The scene. Drag to turn it; W A S D Q E fly; F brings it into the middle.")
        )
        self._tell()

    # What is shown

    def show_state(self, old: State | None, new: State) -> None:
        """Show `new`; parts that are the same as in `old` stay as they are."""
        old, new = None if old is None else self._grounded(old), self._grounded(new)
        self._state = new
        self.pilot.size = self.physical_size()
        if another_scene(old, new):
            self.pilot.touched = False
        comes = old is None or old.content is not new.content
        comes = comes or old is None or old.reconstruction is not new.reconstruction
        if comes and not self.pilot.touched and not is_empty(new) and not goes_on(old, new):
            begin_view(self.pilot, new)
        if old is not None and old.plan.layout.ground is not new.plan.layout.ground:
            self.pilot.camera = carried(
                self.pilot.camera, old.plan.layout.ground, new.plan.layout.ground
            )
        self.contents.show_state(old, new, self.pilot.eye(now()))
        self.arranger.show_state(new)
        self.selecting.show_state(new)
        if self.photo and placed_photo(new.reconstruction, self.photo) is None:
            self.look_through(None)
        self._tell()
        self.moved()

    def set_thumbnails(self, thumbnails: Mapping[str, Pixels]) -> None:
        """Small pictures [h, w, 3] by name of photo; they are added to those there are."""
        self.contents.set_thumbnails(thumbnails)
        self.wake()

    @property
    def options(self) -> Options:
        return self._options

    def set_options(self, options: Options) -> None:
        """Show as `options` say. Their `wipe` counts while a photo's camera is looked through."""
        if options == self._options:
            return
        self._options, self.background = options, options.background
        self._wipe = options.wipe if options.wipe is not None else self._wipe
        self.pilot.disturb(now())  # a coarse picture is an answer at once
        self._tell()
        self.wake()
        self.options_changed.emit(options)

    # Where it is seen from

    def frame_selection(self) -> None:
        """Bring what is chosen, else the scene, into the middle of the picture."""
        self.frame(self.arranger.box() or main_part(self._state))

    def frame_all(self) -> None:
        """Bring the scene and all cameras into the picture."""
        self.frame(whole(self._state))

    def frame(self, box: Box | None) -> None:
        """Bring what is in a box into the picture."""
        if box is not None:
            self.pilot.frame(*box, now())
            self.moved()

    def look_from(self, side: Side) -> None:
        """Look along an axis."""
        self.pilot.look_from(side, now())
        self.moved()

    @property
    def orthographic(self) -> bool:
        return self.pilot.camera.orthographic

    def set_orthographic(self, orthographic: bool) -> None:
        """Without perspective, or with it; what is at the pivot stays as large."""
        if orthographic != self.orthographic:
            self.pilot.set_orthographic(orthographic, now())
            self.orthographic_changed.emit(orthographic)
            self.moved()

    @property
    def photo(self) -> str | None:
        """Name of the photo whose camera is looked through."""
        return self.pilot.photo.name if self.pilot.photo else None

    def look_through(self, name: str | None) -> None:
        """See what the camera of a photo saw; None: look about freely again."""
        if name is None:
            self.pilot.leave_photo(now())
        elif name != self.photo:
            try:
                camera = camera_of(self._state, name, self.pilot.camera.scene_size / 2)
            except UserError as error:
                self.problem.emit(error.problem, error.hint)
                return
            if camera is not None:
                self.pilot.enter_photo(*camera, now())
        self.moved()

    def set_photo_picture(
        self, name: str, pixels: Pixels, pinhole: Pinhole, camera_from_scene: Array
    ) -> None:
        """The undistorted photo [h, w, 3] that was wanted, and the camera that sees it so."""
        if name == self.photo:
            pose = self._state.plan.layout.ground.scene_from_capture
            self.pilot.photo = PhotoCamera(name, pinhole, pose.moved_camera(camera_from_scene))
            self.contents.set_photo(FlatPhoto(pixels, pinhole))
            self.set_options(replace(self._options, wipe=self._wipe))
            self.wake()

    @property
    def wipe(self) -> float | None:
        """Where the line between photo and scene is, in parts of the width; None where is none."""
        if self._beside is not None and not self.photo:
            return self._wipe if self._beside.fits(self.pilot.eye(now())) else None
        return self._options.wipe if self.photo and self.contents.shown.photo else None

    def show_beside(self, beside: Beside | None) -> None:
        """Show another picture left of the wipe's line while it fits what is looked from."""
        self._beside = beside
        if self.photo is None:
            self.contents.set_photo(beside.photo if beside is not None else None)
        self._tell()
        self.wake()

    # Pictures

    def picture(self, size: tuple[int, int] | None = None, *, transparent: bool = False) -> QImage:
        """What is seen, drawn finely, in physical pixels; a null image without OpenGL."""
        screen = self.physical_size()
        with self.drawing() as easel:
            if easel is None:
                return QImage()
            easel.complete(self._settled(size or screen))
            image = to_image(easel.pixels(transparent=transparent), transparent=transparent)
            if size not in (None, screen):
                easel.complete(self._settled(screen))
        self.update()
        return image

    def copy_picture(self) -> None:
        """Put the picture on the clipboard."""
        QGuiApplication.clipboard().setImage(self.picture())

    def save_picture(self, path: Path, *, transparent: bool = False) -> None:
        """Write the picture as a PNG; raises `UserError` where that cannot be."""
        save(self.picture(transparent=transparent), path)

    # For the input and the surface

    def moved(self) -> None:
        """Take note of what the pilot was told to do."""
        if self.photo != self._told_photo:
            self._told_photo = self.photo
            self.contents.set_photo(None)
            self.set_options(replace(self._options, wipe=None))
            self._tell()
            self.looking_through.emit(self.photo)
            if self.photo is not None:
                self.photo_picture_wanted.emit(self.photo)
        self.wake()

    def wanted(self, time: float) -> tuple[Subject, bool]:
        self.pilot.size = self.physical_size()
        self.pilot.step(time)
        self.contents.collect()
        eye, moving = self.pilot.eye(time), self.pilot.moving(time)
        self.arranger.looked(eye)
        self.selecting.looked(eye, self.contents.shown.splats)
        self.contents.aim(eye, self.pilot.camera.scene_size)
        self._gizmo.show_turn(eye.camera_from_scene[:3, :3])
        return Subject(eye, self._drawn_options(), self.contents.shown), moving

    def more_to_come(self) -> bool:
        return self.pilot.flying or self.contents.waiting

    def trouble_changed(self) -> None:
        self._gizmo.setVisible(self.trouble is None)
        self._tell()

    @guarded
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.pilot.disturb(now())
        self._gizmo.move(self.width() - self._gizmo.width() - MARGIN, MARGIN)
        self._captions.place(self.rect())
        self.wake()

    def _settled(self, size: tuple[int, int]) -> Subject:
        eye = self.pilot.destination(size)
        self.contents.settle(eye)
        return Subject(eye, self._drawn_options(), self.contents.bare)

    def _drawn_options(self) -> Options:
        options = self._options
        if self.photo is None or self.pilot.on_the_way:
            points = options.points or self._state.content is None
            if self.wipe is None or self._beside is None:
                return replace(options, points=points, wipe=None)
        bare = replace(options, grid=False, axes=False, frustums=False, floor=False, bounds=False)
        return replace(bare, wipe=self.wipe)

    def _hear(self, error: Exception | None) -> None:
        if error is not None:
            report(error)
        self.wake()

    def _tell(self) -> None:
        shading = self._options.shading
        entries = legend(shading, self._state) if self._options.content else ()
        name = self.photo or (self._beside.words if self._beside is not None else None)
        self._captions.tell(name, shading, entries, is_empty(self._state), self.trouble)
