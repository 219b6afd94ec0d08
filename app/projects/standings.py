"""Where training stands, asked of the builder before a project is saved."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from app.building import Building
from app.jobs.values import KeepTraining
from core.scene.document import Document
from core.train.steps import Kept

PATIENCE_MS = 15_000  # for an answer; then it goes without


class Standings(QObject):
    """Knows the builder and the document."""

    def __init__(self, building: Building, document: Document) -> None:
        super().__init__()
        self._building, self._document = building, document
        self._waiting: list[Callable[[], None]] = []
        building.answered.connect(self._answered)
        building.ended.connect(self._go)

    def freshen(self, then: Callable[[], None]) -> None:
        """`then`, once the document knows where training stands; at once where nothing trains."""
        if not self._building.steps_come:
            then()
            return
        self._waiting.append(then)
        self._building.engine.tell(KeepTraining())
        QTimer.singleShot(PATIENCE_MS, self, self._go)

    def _answered(self, answer: object) -> None:
        if isinstance(answer, Kept):
            self._document.show(training=answer)
        self._go()

    def _go(self) -> None:
        waiting, self._waiting = self._waiting, []
        for then in waiting:
            then()
