"""Things of other projects and files put into the scene, before the camera."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject

from app.dialogs import Dialogs
from app.jobs.making import Things, insert_thing, list_things
from app.layout.making import Making
from core.gaussians.arrays import SplatArrays
from core.scene.addition_edits import Add
from core.scene.additions import Addition, free_id
from core.scene.document import Document
from core.scene.inserting_spot import Spot
from widgets.viewport.widget import Viewport

translate = QCoreApplication.translate


class Inserting(QObject):
    """Knows the document, the view before whose camera things are put, and who asks for files."""

    def __init__(self, document: Document, viewport: Viewport, making: Making) -> None:
        super().__init__()
        self._document, self._viewport, self._making = document, viewport, making

    def possible(self) -> bool:
        """Whether there is a scene to put things into."""
        return isinstance(self._document.state.base, SplatArrays)

    def insert(self, dialogs: Dialogs) -> None:
        """Ask what, and put it in."""
        path = dialogs.thing()
        content = self._document.state.base
        if path is None or not isinstance(content, SplatArrays):
            return

        def then(value: object) -> None:
            if not isinstance(value, Things):
                return
            names = [name for _, name in value.named]
            chosen = 0
            if len(names) > 1:
                question = translate("Inserting", "Which object?")
                picked = dialogs.one_of(question, names)
                if picked is None:
                    return
                chosen = picked
            self._read(path, value.named[chosen][0])

        words = translate("Inserting", "Looking into {name}").format(name=path.name)
        self._making.ask(words, list_things, (path,), None, then)

    def _read(self, path: Path, object_id: int) -> None:
        id_ = free_id(self._document.state.plan.additions)

        def then(value: object) -> None:
            if isinstance(value, Addition):
                self._put(value)

        words = translate("Inserting", "Inserting {name}").format(name=path.name)
        self._making.ask(words, insert_thing, (path, object_id, id_, self._spot()), None, then)

    def _put(self, addition: Addition) -> None:
        self._document.commit(Add(addition))
        self._document.show(placed=addition.objects)

    def _spot(self) -> Spot:
        """On the floor, below what the camera turns about."""
        camera, ground = self._viewport.pilot.camera, self._document.state.plan.layout.ground
        at = np.array([camera.pivot[0], 0.0, camera.pivot[2]])
        away = float(camera.offset[2])
        return Spot(at, away, ground.scene_from_capture.inverse(), ground.metric)
