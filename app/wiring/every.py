"""Every connection between document, processes and panels: read it to know the program."""

from PySide6.QtCore import QCoreApplication, QTimer

from app.jobs.kinds import FlatPicture
from app.masks.steps import recolor
from app.program import Program
from app.rows.actions import Actions
from app.wiring.clean import wire_clean
from app.wiring.making import wire_making
from app.wiring.photos import wire_photos
from app.wiring.projects import portrait, wire_projects
from app.wiring.words import wire_words
from core.prior.imagined import Imagined
from core.scene.document import State
from core.scene.plan import names
from widgets.panels.banner import Notice
from widgets.panels.workspaces import BUILD, LAYOUT, PHOTOS
from widgets.viewport.pointing import Asked

translate = QCoreApplication.translate

LEFT = ("add_photos", "open", "save", "export", "undo", "redo")
RIGHT = ("build",)
MASK_BAR = (
    "tool_inside", "tool_outside", "tool_box", "tool_pick", "",
    "tool_brush", "tool_eraser", "tool_lasso", "tool_wand", "",
    "fill_holes", "grow", "shrink", "specks", "", "carry_masks", "",
    "previous_photo", "next_photo", "whole_photo",
)  # fmt: skip
VIEW_BAR = (
    "shade_color", "shade_depth", "shade_alpha", "shade_normal", "shade_objects", "shade_origin",
    "", "filled", "frustums", "points", "grid", "axes", "floor", "bounds", "",
    "frame", "orthographic", "", "look_through", "", "save_picture", "copy_picture",
)  # fmt: skip
LAYOUT_BAR = (
    "mode_move", "mode_turn", "mode_scale", "snap", "solid", "", "mode_erase", "mode_select",
    "restore", "", "duplicate", "delete_thing", "drop", "put_back", "group", "", "hide_thing",
    "show_things",
)  # fmt: skip


def wire(program: Program, actions: Actions) -> None:
    """Connect everything of `program`."""
    _wire_state(program, actions)
    wire_photos(program, actions)
    _wire_masks(program, actions)
    _wire_building(program, actions)
    _wire_session(program)
    _wire_view(program, actions)
    _wire_layout(program, actions)
    window = program.window
    # Qt is still in the middle of the drop, which a dialog must not hold up.
    window.dropped = lambda paths: QTimer.singleShot(0, lambda: program.take(paths))
    window.leaving = program.projects.leaving
    wire_projects(program, actions)
    window.workspaces.chosen.connect(program.show_workspace)
    window.workspaces.chosen.connect(lambda _name: actions.refresh())


def _wire_state(program: Program, actions: Actions) -> None:
    window, document = program.window, program.document

    def show(old: State, new: State) -> None:
        panels = (
            window.strip, window.properties, window.viewport, window.photo_page,
            window.masks, window.objects, window.layout_panel, window.path,
        )  # fmt: skip
        for panel in panels:
            panel.show_state(old, new)
        if window.viewport.arranger.dragging and old.plan.layout is not new.plan.layout:
            return  # a preview: what can be done stays as it is, and the thing keeps up
        window.show_page(program.workspace, new)
        show_title()
        actions.refresh()

    def show_title() -> None:
        empty = document.state.plan.capture is None and document.state.content is None
        name = program.projects.title()
        window.setWindowTitle("Maquette[*]" if empty else f"{name}[*] - Maquette")
        window.setWindowModified(document.modified)

    document.changed.connect(show)
    program.projects.changed.connect(show_title)
    show(document.state, document.state)


def _wire_masks(program: Program, actions: Actions) -> None:
    window, document, masking = program.window, program.document, program.masking
    page = window.masks

    def choose_object(id_: int) -> None:
        document.show(object=id_)

    def choose_photo(name: str) -> None:
        document.show(selected=name)

    page.edited.connect(document.commit)
    page.object_chosen.connect(choose_object)
    page.photo_chosen.connect(choose_photo)
    page.changed.connect(actions.refresh)
    page.asked.connect(lambda name, prompt: masking.ask(name, page.object_id, prompt))
    window.objects.edited.connect(document.commit)
    window.objects.chosen.connect(choose_object)
    window.objects.color_wanted.connect(lambda id_: recolor(program, id_))
    page.photo_wanted.connect(masking.want_photo)
    masking.pixels_read.connect(page.show_pixels)
    masking.pixels_read.connect(lambda _name, _pixels: actions.refresh())
    page.proposals_wanted.connect(masking.want_proposals)
    masking.proposed.connect(page.show_proposals)
    masking.found.connect(page.show_answers)
    masking.waiting.connect(page.say)
    masking.opened.connect(program.memory.choose_segmenter)
    masking.opened.connect(lambda _place: actions.refresh())
    masking.noticed.connect(program.notice)
    page.preview_wanted.connect(lambda name, prompt: masking.preview(name, page.object_id, prompt))
    wire_words(program, actions)
    masking.work.working.connect(program.building.say)
    masking.work.changed.connect(actions.refresh)
    masking.work.noticed.connect(program.notice)
    program.following.noticed.connect(program.notice)


def _wire_building(program: Program, actions: Actions) -> None:
    window, building = program.window, program.building
    line = window.progress
    line.pause_wanted.connect(building.pause)
    line.resume_wanted.connect(building.resume)
    line.stop_wanted.connect(building.stop)

    def began(anew: bool) -> None:
        if anew:
            window.curves.clear()
            window.targets.clear()
        window.docks["curves"].show()
        actions.refresh()

    known: list[tuple[bool, bool, bool]] = []

    def show(activity: object) -> None:
        line.show_activity(building.activity)
        able = (building.running, building.activity.paused, building.activity.pausable)
        if known != [able]:
            known[:] = [able]
            actions.refresh()

    building.activity_changed.connect(show)
    building.began.connect(began)
    building.ended.connect(actions.refresh)
    building.stepped.connect(window.curves.add)
    building.tested.connect(lambda tested: window.curves.add_test(tested.iteration, tested.psnr))

    def imagined(news: Imagined) -> None:
        if not len(window.targets.pairs):  # once a build: who closes it then is not bothered again
            window.docks["prior"].show()
        window.targets.add(news)

    building.imagined.connect(imagined)
    program.prior.comparison.changed.connect(actions.refresh)
    program.prior.comparison.noticed.connect(program.notice)
    program.prior.models.noticed.connect(program.notice)
    wording = program.prior.wording
    wording.noticed.connect(program.notice)
    wording.working.connect(building.say)
    wording.changed.connect(lambda: window.objects.show_wording(wording.running is not None))
    window.objects.words_wanted.connect(wording.begin)
    building.noticed.connect(program.notice)


def _wire_session(program: Program) -> None:
    window, session = program.window, program.session
    session.thumbnails_read.connect(window.strip.set_thumbnails)
    session.thumbnails_read.connect(window.viewport.set_thumbnails)
    session.preview_read.connect(window.photo_page.show_picture)
    session.noticed.connect(program.notice)
    session.working.connect(program.building.say)
    for part in (program.exporting, program.filming):
        part.noticed.connect(program.notice)
    program.exporting.working.connect(program.building.say)

    session.photos_added.connect(lambda: program.show_workspace(PHOTOS))
    session.opened.connect(lambda _path: program.show_workspace(BUILD))
    session.opened.connect(lambda path: program.memory.note_opened(path, None))
    session.saved.connect(lambda path: program.memory.note_opened(path, portrait(program)))

    def show_photo(flat: FlatPicture) -> None:
        window.viewport.set_photo_picture(
            flat.name, flat.pixels, flat.camera, flat.camera_from_scene
        )

    session.photo_read.connect(show_photo)


def _wire_view(program: Program, actions: Actions) -> None:
    window, viewport = program.window, program.window.viewport
    viewport.photo_picture_wanted.connect(program.session.want_photo)
    viewport.options_changed.connect(lambda _options: actions.refresh())
    viewport.orthographic_changed.connect(lambda _on: actions.refresh())

    def follow(name: str | None) -> None:
        # Photos that were placed may have been removed since.
        if name in names(program.state.plan):
            program.document.show(selected=name)
        actions.refresh()

    viewport.photo_chosen.connect(follow)
    viewport.looking_through.connect(follow)

    def trouble(problem: str, hint: str) -> None:
        window.banner.show_notice(Notice(problem, hint))

    viewport.problem.connect(trouble)


def _wire_layout(program: Program, actions: Actions) -> None:
    window, document, arranging = program.window, program.document, program.arranging
    arranger, panel = window.viewport.arranger, window.layout_panel
    arranger.previewed.connect(document.preview)
    arranger.edited.connect(arranging.commit)
    arranger.chosen.connect(arranging.choose)
    arranger.mode_changed.connect(lambda _mode: actions.refresh())
    panel.edited.connect(arranging.commit)
    panel.chosen.connect(arranging.choose)
    panel.stand_wanted.connect(arranging.stand_as)

    _wire_floor(program)
    wire_clean(program, actions)
    wire_making(program, actions)

    def show_stand(old: State, new: State) -> None:
        if arranger.dragging:
            return  # without a graphics card each new number has the whole window put together
        if program.workspace == LAYOUT and (
            old.placed != new.placed
            or old.plan.layout is not new.plan.layout
            or old.content is not new.content
        ):
            tell_stand()

    def tell_stand() -> None:
        metric = document.state.plan.layout.ground.metric
        panel.form.show_stand(arranging.stand(), "m" if metric else "")

    document.changed.connect(show_stand)
    window.workspaces.chosen.connect(lambda _name: tell_stand())
    tell_stand()


def _wire_floor(program: Program) -> None:
    box, grounds = program.window.layout_panel.floor, program.arranging.grounds
    arranger = program.window.viewport.arranger
    box.wanted.connect(grounds.wanted)
    box.measured.connect(grounds.measure)
    grounds.noticed.connect(program.notice)
    grounds.measured.connect(lambda _ends: box.ask_length())
    program.session.doubtful.connect(grounds.doubt)

    def show_asked(asked: Asked | None) -> None:
        box.show_ground(grounds.ground)
        if asked is not None and not asked.complete:
            box.show_asked(asked.purpose, len(asked.points), asked.count)
        grounds.pointed(asked)

    arranger.pointed.connect(show_asked)
