"""A widget with an OpenGL picture that is drawn in slices, so that the window stays alive."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import shiboken6
from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QHideEvent, QOffscreenSurface, QOpenGLContext, QShowEvent, QSurfaceFormat
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import QWidget

from core.errors import Unavailable, UserError
from widgets.guard import guarded, report
from widgets.viewport import context
from widgets.viewport.easel import Easel, Subject
from widgets.viewport.options import Color
from widgets.viewport.renderer import Renderer

VERSION = (3, 3)
SLICE = 0.009  # seconds of drawing, before the window has its turn
REST = 8  # milliseconds between two looks at whether there is something to draw
PATIENCE = 30  # milliseconds, where nothing moves but something is to come
GL_VERSION, GL_RENDERER = 0x1F02, 0x1F01
OTHERWISE = (
    "Install the newest driver of your graphics card. Until then the processor can draw, slower: "
    "start Maquette with QT_OPENGL=software (Windows) or LIBGL_ALWAYS_SOFTWARE=1 (Linux)."
)


class Surface(QOpenGLWidget):
    """Draws what `wanted` says, until that is drawn finely; then nothing runs.

    OpenGL may go and come again, as when a dock is taken out of its window:
    `easel` is None in between.
    """

    problem = Signal(str, str)  # what is wrong, what to do
    drawn = Signal(float)  # seconds that a picture took from its beginning

    def __init__(self, parent: QWidget | None, needed: tuple[int, int]) -> None:
        super().__init__(parent)
        self.easel: Easel | None = None
        self.trouble: UserError | None = None
        self.background: Color = (0.0, 0.0, 0.0)
        self._needed = needed
        # On this widget alone: other users of OpenGL in the program want other contexts.
        form = QSurfaceFormat()
        form.setVersion(*VERSION)
        form.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
        form.setDepthBufferSize(0)
        self.setFormat(form)
        self._pulse = QTimer(self, singleShot=True)
        self._pulse.timeout.connect(self._beat)

    def wanted(self, now: float) -> tuple[Subject, bool]:
        """What to draw, and whether it moves. Called before each slice."""
        raise NotImplementedError

    def more_to_come(self) -> bool:
        """Whether what is wanted is about to change by itself."""
        raise NotImplementedError

    def trouble_changed(self) -> None:
        """Called when `trouble` is another."""

    @property
    def busy(self) -> bool:
        """Whether anything is drawn, or will be."""
        return self._pulse.isActive()

    def wake(self) -> None:
        """Look at what is wanted."""
        self._pulse.start(0)

    def physical_size(self) -> tuple[int, int]:
        """Of the picture, in pixels of the screen."""
        ratio = self.devicePixelRatioF()
        return max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))

    @contextmanager
    def drawing(self) -> Iterator[Easel | None]:
        """The easel, with its context current, if there is one."""
        if self.easel is None:
            yield None
            return
        self.makeCurrent()
        try:
            yield self.easel
        finally:
            self.doneCurrent()

    @guarded
    def initializeGL(self) -> None:
        made = self.context()
        try:
            check_version(made, self._needed)
            attached = context.attach(lambda name: address(made, name))
            renderer = Renderer(attached)
        except UserError as error:
            self._complain(error)
            return
        except Exception as error:  # noqa: BLE001 - of a driver whose compiler refuses a shader
            report(error)
            self._complain(refused(error))
            return
        self.easel, self.trouble = Easel(attached, renderer), None
        self.trouble_changed()
        self._keep_clean(made, renderer)
        self.wake()

    @guarded
    def paintGL(self) -> None:
        if self.easel is not None:
            self.easel.present(self.defaultFramebufferObject(), self.background)

    @guarded
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.wake()
        # A context that cannot be made at all says nothing: initializeGL is just not called.
        QTimer.singleShot(500, self, self._check_valid)

    @guarded
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._pulse.stop()

    @guarded
    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self.wake()
        return super().event(event)

    @guarded
    def _beat(self) -> None:
        subject, moving = self.wanted(now())
        if self.easel is None or not self.isVisible():
            return
        rest = 0
        if self.easel.pending(subject, moving):
            with self.drawing() as easel:
                assert easel is not None
                if easel.work(subject, moving, SLICE):
                    self.drawn.emit(easel.took)
                    self.update()
                    # No faster than screens are, where a picture takes no time.
                    rest = max(0, REST - round(1000 * easel.took))
        elif moving or self.more_to_come() or not self.easel.done(subject):
            rest = REST if moving else PATIENCE
        else:
            return
        self._pulse.start(rest)

    def _keep_clean(self, made: QOpenGLContext, renderer: Renderer) -> None:
        """Release everything before the context goes, even if this widget is half gone by then."""
        place = QOffscreenSurface()
        place.setFormat(made.format())
        place.create()

        (pointer,) = shiboken6.getCppPointer(made)

        def clean() -> None:
            # Where the widget is deleted, Python has let go of the context a moment before.
            last = made if shiboken6.isValid(made) else _context_at(pointer)
            if not shiboken6.isValid(place):
                return  # the program ends
            if last.makeCurrent(place):
                renderer.release()
                last.doneCurrent()
            place.destroy()

        made.aboutToBeDestroyed.connect(clean)
        made.aboutToBeDestroyed.connect(self._lost)

    def _lost(self) -> None:
        self.easel = None

    def _check_valid(self) -> None:
        window = self.window().windowHandle()
        exposed = window is not None and window.isExposed()
        if exposed and self.isVisible() and not self.isValid() and self.trouble is None:
            self._complain(too_old(self.tr("no OpenGL at all")))

    def _complain(self, error: UserError) -> None:
        # Anew: the one raised holds its frames, and with them this widget.
        self.trouble = UserError(error.problem, hint=error.hint)
        self.problem.emit(error.problem, error.hint)
        self.trouble_changed()


def now() -> float:
    return time.perf_counter()


def address(made: QOpenGLContext, name: str) -> int:
    """Where the driver keeps its function `name`, 0 if it has none."""
    return int(made.getProcAddress(name.encode()) or 0)


def _context_at(pointer: int) -> QOpenGLContext:
    found = shiboken6.wrapInstance(pointer, QOpenGLContext)
    assert isinstance(found, QOpenGLContext)
    return found


def check_version(made: QOpenGLContext, needed: tuple[int, int]) -> None:
    """Raise `Unavailable` where the context is older than `needed`."""
    major, minor = made.format().majorVersion(), made.format().minorVersion()
    if (major, minor) < needed:
        name = str(made.functions().glGetString(GL_RENDERER) or "")
        raise too_old(f"OpenGL {major}.{minor}" + (f" ({name})" if name else ""))


def refused(error: Exception) -> Unavailable:
    first = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return Unavailable(f"The graphics driver refused to draw: {first}", hint=OTHERWISE)


def too_old(found: str) -> Unavailable:
    return Unavailable(
        f"The 3D view needs OpenGL {VERSION[0]}.{VERSION[1]} or newer. Found: {found}.",
        hint=OTHERWISE,
    )
