"""Connections of the strip of photos, the photo at hand, and how a lone one was taken."""

from app.program import Program
from app.rows.actions import Actions
from core.scene.document import State
from core.single.looked import Looked


def wire_photos(program: Program, actions: Actions) -> None:
    """The strip, the photo at hand, and how a lone one was taken."""
    window, document, session = program.window, program.document, program.session
    strip = window.strip
    strip.edited.connect(document.commit)
    strip.add_wanted.connect(program.add_photos)
    strip.opened.connect(program.look_through)

    def choose(name: str) -> None:
        document.show(selected=name)

    def show_preview(old: State, new: State) -> None:
        if new.selected and new.selected != old.selected:
            session.want_preview(new.selected)

    strip.chosen.connect(choose)
    strip.chosen.connect(lambda _name: actions.refresh())
    document.changed.connect(show_preview)
    window.properties.edited.connect(document.commit)
    window.welcome.photos_wanted.connect(program.add_photos)
    window.welcome.open_wanted.connect(program.open_wanted)
    window.welcome.sample_wanted.connect(program.try_sample)
    window.welcome.dropped.connect(lambda paths: window.dropped(paths))
    window.welcome.recent_chosen.connect(program.open)
    _wire_looking(program)


def _wire_looking(program: Program) -> None:
    window, document, looking = program.window, program.document, program.looking
    page, box = window.photo_page, window.properties.stance

    def show(looked: Looked | None) -> None:
        page.show_looked(looked, document.state)
        window.properties.show_looked(looked, document.state)

    looking.looked.connect(show)
    looking.noticed.connect(program.notice)
    page.previewed.connect(document.preview)
    page.edited.connect(document.commit)
    box.lines_wanted.connect(page.horizon.show_lines)
