"""Connections of what is made for the layout: filled holes and what else photos do not show."""

from app.program import Program
from app.rows.actions import Actions


def wire_making(program: Program, actions: Actions) -> None:
    """The panel's line shows the work; notices go to the banner."""
    arranging, line = program.arranging, program.window.layout_panel.making
    making = arranging.making

    def show(words: str, part: float) -> None:
        changes = bool(words) == line.isHidden()
        line.show_work(words, part)
        if changes:
            actions.refresh()

    making.working.connect(show)
    line.stop_wanted.connect(making.stop)
    parts = (
        arranging.filling, arranging.settling, arranging.completing, arranging.picturing,
        arranging.growing,
    )  # fmt: skip
    for each in (making, *parts):
        each.noticed.connect(program.notice)
    arranging.growing.asked.connect(program.window.banner.show_notice)
    arranging.growing.answered.connect(program.window.banner.take_back)
