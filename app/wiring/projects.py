"""Who hears of projects: what is saved, kept, recovered, and open in another window."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from app.rows.actions import Actions
from core.scene.document import State
from core.scene.plan import names
from widgets.panels.workspaces import BUILD, PHOTOS

if TYPE_CHECKING:
    from app.program import Program


def wire_projects(program: "Program", actions: Actions) -> None:
    """Connect them."""
    projects, session = program.projects, program.session
    session.opening.connect(projects.hold)
    session.saved.connect(projects.saved)
    session.photos_missing.connect(projects.photos.missing)
    projects.photos.noticed.connect(program.notice)
    projects.noticed.connect(program.notice)
    projects.autosaving.noticed.connect(program.notice)
    projects.autosaving.name = program.name
    projects.autosaving.portrait = lambda: portrait(program)
    projects.changed.connect(actions.refresh)

    def recovered() -> None:
        program.show_workspace(BUILD if program.state.content is not None else PHOTOS)

    projects.recovered.connect(recovered)

    def found(old: State, new: State) -> None:
        before, now = old.plan.capture, new.plan.capture
        if before is not None and now is not None and before is not now:
            projects.photos.look_again(before, now)

    program.document.changed.connect(found)


def portrait(program: "Program") -> QImage | None:
    """What a scene is told by among others: a picture of it, else its first photo."""
    if program.state.content is not None:
        return program.window.viewport.picture((396, 264))
    first: str | Path | None = next(iter(names(program.state.plan)), None)
    return None if first is None else program.window.strip.thumbnail(str(first))
