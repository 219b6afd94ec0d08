"""How the picking out of Gaussians is connected."""

from app.program import Program
from app.rows.actions import Actions
from core.scene.document import State


def wire_clean(program: Program, actions: Actions) -> None:
    """Panel, view and document."""
    window, cleaning = program.window, program.arranging.cleaning
    selecting, box = window.viewport.selecting, window.layout_panel.clean
    counts = [0]
    selecting.chose.connect(cleaning.mark)
    cleaning.noticed.connect(program.notice)
    box.wanted.connect(cleaning.wanted)
    box.given.connect(cleaning.give)
    box.floaters_wanted.connect(cleaning.floaters)
    box.tool_wanted.connect(selecting.set_tool)
    box.volume.changed.connect(selecting.set_volume)

    def show_tool() -> None:
        box.show_tool(selecting.tool)
        if not selecting.dragging:  # each new number has the whole window put together
            metric = program.document.state.plan.layout.ground.metric
            box.volume.show_volume(selecting.volume, "m" if metric else "")
        window.layout_panel.show_picking(selecting.active and not selecting.erases)
        actions.refresh()

    def show_count(count: int) -> None:
        counts[0] = count
        box.show_count(count, cleaning.inside())

    def show(old: State, new: State) -> None:
        if not selecting.active:
            return
        if old.placed != new.placed:
            box.show_count(counts[0], cleaning.inside())
        if old.plan.layout is not new.plan.layout or old.content is not new.content:
            box.show_targets(cleaning.targets())
            box.show_cropped(cleaning.cropped())

    def begin() -> None:
        box.show_targets(cleaning.targets())
        box.show_cropped(cleaning.cropped())
        show_tool()

    selecting.changed.connect(begin)
    selecting.counted.connect(show_count)
    program.document.changed.connect(show)
