"""What the window has about priors and models besides building: comparing, downloading, words."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.prior.compare import Comparison, Other
from app.prior.store import ModelStore
from app.prior.words import Wording

if TYPE_CHECKING:
    from app.program import Program


class PriorTools(QObject):
    """Holds the parts; `poll` is called some thirty times a second."""

    def __init__(self, program: "Program") -> None:
        super().__init__()
        document, view = program.document, program.window.viewport
        self.comparison = Comparison(document, program.building, program.desk, view)
        self.models = ModelStore(document, program.masking, program.memory, program.dialogs)
        compare = self.comparison.choose
        self.wording = Wording(
            document, program.memory, program.window, lambda: compare(Other.WORDS)
        )
        for part in (self.comparison, self.models, self.wording):
            part.setParent(self)

    def poll(self) -> None:
        """Let each look at what is to be done."""
        self.comparison.poll()
        self.models.poll()
        self.wording.poll()

    def close(self) -> None:
        """End the processes."""
        self.models.close()
        self.wording.close()
