"""Has Python's garbage collected in the window's thread alone.

Left to itself the collector runs in whichever thread makes objects, also one that compiles or
loads; should it find a widget there, that ends in the wrong thread, and the process with it.
"""

import gc

from PySide6.QtCore import QObject, QTimer

PERIOD = 500  # milliseconds


class Collector(QObject):
    """From its making to `stop`. Make it in the window's thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, interval=PERIOD)
        self._timer.timeout.connect(self.collect)
        gc.disable()
        # What the imports made will never be garbage, and takes a tenth of a second to look over.
        gc.freeze()
        self._timer.start()

    def collect(self) -> None:
        """Collect what is due, by the same thresholds as Python does."""
        due = [
            generation
            for generation, (count, threshold) in enumerate(
                zip(gc.get_count(), gc.get_threshold(), strict=True)
            )
            if threshold and count > threshold
        ]
        if due:
            gc.collect(max(due))

    def stop(self) -> None:
        self._timer.stop()
        gc.unfreeze()
        gc.enable()
