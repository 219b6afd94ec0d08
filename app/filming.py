"""The camera's path in the window: key frames from the view, and the view along them."""

import math
import time

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from core.export.shots import pinhole
from core.scene.camera_path import CameraPath, Key, along, in_scene
from core.scene.document import Document
from core.scene.path_edits import AddKey, ReplaceKey
from widgets.panels.banner import Notice
from widgets.panels.path_panel import PathPanel
from widgets.viewport.flight import PhotoCamera
from widgets.viewport.widget import Viewport

translate = QCoreApplication.translate
BEAT = 30  # milliseconds between two views while it plays


class Filming(QObject):
    """Knows the document, the view and the panel of the path."""

    noticed = Signal(object)  # Notice

    def __init__(self, document: Document, viewport: Viewport, panel: PathPanel) -> None:
        super().__init__(viewport)
        self._document, self._viewport, self._panel = document, viewport, panel
        self._timer = QTimer(self, interval=BEAT)
        self._timer.timeout.connect(self._step)
        self._began = 0.0
        panel.edited.connect(document.commit)
        panel.add_wanted.connect(self.add)
        panel.change_wanted.connect(self.change)
        panel.shown.connect(self.show)
        panel.play_wanted.connect(self.play)

    @property
    def path(self) -> CameraPath:
        return self._document.state.plan.path

    @property
    def playing(self) -> bool:
        """Whether the view follows the path."""
        return self._timer.isActive()

    def possible(self) -> bool:
        """Whether there is something to look at."""
        return self._document.state.content is not None

    def add(self) -> None:
        """Pass through the present view, after the key frame that is chosen."""
        key = self._present()
        if key is not None:
            self._document.commit(AddKey(key, self._panel.at))

    def change(self, at: int) -> None:
        """Pass through the present view instead of the key number `at`."""
        key = self._present()
        if key is not None:
            self._document.commit(ReplaceKey(at, key))

    def show(self, at: int) -> None:
        """Look from the key number `at`."""
        self.stop()
        pilot = self._viewport.pilot
        depth = float(np.linalg.norm(pilot.camera.offset))
        pilot.size = self._viewport.physical_size()
        pilot.stand_at(self._camera(self.path.keys[at]), depth, pilot.camera.scene_size)
        pilot.touched = True
        self._viewport.moved()

    def play(self) -> None:
        """Follow the path in the view, from its beginning; while it plays: stop."""
        if self.playing:
            self.stop()
        elif len(self.path.keys) > 1:
            self._viewport.look_through(None)
            self._began = time.monotonic()
            self._ride(0.0)
            self._timer.start()
            self._panel.show_playing(True)

    def stop(self) -> None:
        """Look from where one looked before."""
        if self.playing:
            self._timer.stop()
            self._viewport.pilot.ride = None
            self._viewport.moved()
            self._panel.show_playing(False)

    def _step(self) -> None:
        part = (time.monotonic() - self._began) / self.path.seconds
        # A hand on the camera takes it away from the path; the path may lose its keys meanwhile.
        if part >= 1 or self._viewport.pilot.ride is None or len(self.path.keys) < 2:
            self.stop()
        else:
            self._ride(part)

    def _ride(self, part: float) -> None:
        (key,) = along(self.path, np.array([part]))
        self._viewport.pilot.ride = self._camera(key)
        self._viewport.moved()

    def _present(self) -> Key | None:
        """The view as it is; None, and a word about it, without perspective."""
        viewport = self._viewport
        eye = viewport.pilot.destination(viewport.physical_size())
        if eye.orthographic:
            problem = translate("Filming", "A film is seen in perspective.")
            hint = translate("Filming", "Switch the view to perspective, then add the key frame.")
            self.noticed.emit(Notice(problem, hint))
            return None
        pose = self._document.state.plan.layout.ground.scene_from_capture.inverse()
        fov_y = 2 * math.atan(eye.height / 2 / eye.fy)
        return Key.of(pose.moved_camera(eye.camera_from_scene), fov_y)

    def _camera(self, key: Key) -> PhotoCamera:
        width, height = self._viewport.physical_size()
        pose = self._document.state.plan.layout.ground.scene_from_capture
        return PhotoCamera("", pinhole(key.fov_y, width, height), in_scene(key, pose))
