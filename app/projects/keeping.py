"""Files that tell where training stands, written by the builder for whoever saves a project."""

from collections.abc import Iterator
from pathlib import Path

from app.jobs.values import NotKept
from core.errors import UserError
from core.pipeline.events import Remark
from core.project.files import told
from core.train.standing import Whereabouts, write_standing
from core.train.steps import Kept

AT_ONCE = 2  # files that are there: the newest, and the one before, which may be being copied


class Keeping:
    """Writes below `folder`, each time another file."""

    def __init__(self, folder: Path, stands: Whereabouts) -> None:
        self._folder, self._stands = folder, stands

    def kept(self, *, answer: bool = False) -> Iterator[Kept | NotKept | Remark]:
        """Write where training stands now, if it does; with `answer`, something comes last."""
        try:
            standing = self._stands.now()
            if standing is not None:
                with told(self._folder):
                    self._folder.mkdir(parents=True, exist_ok=True)
                    older = sorted(self._folder.iterdir(), key=lambda path: path.stat().st_mtime)
                    number = 1 + max((int(path.name) for path in older), default=0)
                    for path in older[: -AT_ONCE + 1]:
                        path.unlink(missing_ok=True)
                file = self._folder / f"{number}"
                write_standing(file, standing)
                yield Kept(file, standing.step.iteration, file.stat().st_size)
                return
        except UserError as error:
            yield Remark(f"{error.problem} {error.hint}")
        if answer:
            yield NotKept()
