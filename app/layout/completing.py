"""What photos do not show of things: their backs by symmetry, and where to take the next photo."""

import time

from PySide6.QtCore import QCoreApplication, QObject, Signal

from app.jobs.making import Advised, advise_photo, complete_back
from app.layout.making import Making
from core.gaussians.arrays import SplatArrays
from core.scene.addition_edits import Add
from core.scene.additions import Addition
from core.scene.cuts import applied, relabelled
from core.scene.document import Document
from core.scene.layout import FIRST_INSERTED, Layout
from widgets.panels.banner import Notice
from widgets.viewport.flight import PhotoCamera, beside_photo
from widgets.viewport.frustums import Frustum
from widgets.viewport.widget import Viewport

translate = QCoreApplication.translate
ADVISED = (0.66, 0.42, 1.0)  # as what is guessed is shown
HARDLY = 0.02  # of what a photo shows: so little guessed is not worth one
NAME = "advised"


class Completing(QObject):
    """Knows the document, the view and who makes things."""

    noticed = Signal(object)  # Notice

    def __init__(self, document: Document, viewport: Viewport, making: Making) -> None:
        super().__init__()
        self._document, self._viewport, self._making = document, viewport, making

    def possible(self) -> bool:
        """Whether there are photos of the scene."""
        state = self._document.state
        placed = state.reconstruction is not None and bool(state.reconstruction.photos)
        return placed and isinstance(state.base, SplatArrays)

    def chosen(self) -> int | None:
        """The captured object that is chosen, if it is one alone."""
        state = self._document.state
        ids = {state.plan.layout.placement(id_).object_id for id_ in state.placed}
        found = ids.pop() if len(ids) == 1 else FIRST_INSERTED
        return found if found < FIRST_INSERTED and self.possible() else None

    def complete(self) -> None:
        """Give what is chosen the back that no photo shows."""
        state, id_ = self._document.state, self.chosen()
        if id_ is None or state.reconstruction is None or not isinstance(state.base, SplatArrays):
            return
        layout = state.plan.layout
        scene = relabelled(state.base, layout.cuts)

        def then(value: object) -> None:
            if not isinstance(value, Addition):
                return
            if not len(value.splats):
                words = translate("Completing", "Photos leave nothing of it open.")
                self.noticed.emit(Notice(words, kind="info"))
                return
            self._document.commit(Add(value))

        words = translate("Completing", "Completing by symmetry")
        args = (id_, state.reconstruction.photos, layout.ground.scene_from_capture)
        self._making.ask(words, complete_back, args, scene, then)

    def advise(self) -> None:
        """Show where a photo would settle most of what is guessed, and go there."""
        state = self._document.state
        layout, splats = state.plan.layout, state.content
        if state.reconstruction is None or not isinstance(splats, SplatArrays):
            return
        ids, gone = applied(splats, layout.cuts)
        for object_id in layout.removed:
            gone |= ids == object_id
        gone |= ids >= FIRST_INSERTED  # no photo of this room will show them

        def then(value: object) -> None:
            if isinstance(value, Advised):
                self._show(value, layout)

        words = translate("Completing", "Looking for the best place")
        args = (state.reconstruction.photos, layout.ground.scene_from_capture)
        self._making.ask(words, advise_photo, args, splats.rows(~gone), then)

    def _show(self, found: Advised, layout: Layout) -> None:
        pinhole, there = found.pinhole, found.camera_from_capture
        if pinhole is None or there is None or found.share < HARDLY:
            self._viewport.contents.set_advised(None)
            self._viewport.wake()
            words = translate("Completing", "No other photo would tell much more.")
            self.noticed.emit(Notice(words, kind="info"))
            return
        ground, view = layout.ground.scene_from_capture, self._viewport
        photo = PhotoCamera(NAME, pinhole, ground.moved_camera(there))
        view.contents.set_advised(Frustum(NAME, photo.camera_from_scene, pinhole, None, ADVISED))
        depth, pilot = ground.scale * found.depth, view.pilot
        pilot.go(
            lambda camera: beside_photo(photo, depth, *pilot.size, camera.scene_size),
            time.monotonic(),
        )
        view.moved()
        words = translate(
            "Completing",
            "A photo from here would settle most: {share} % of what it shows is guessed.",
        )
        self.noticed.emit(Notice(words.format(share=round(100 * found.share)), kind="info"))
