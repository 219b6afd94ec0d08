"""Actions about what the view shows, how, and from where."""

from PySide6.QtCore import QCoreApplication

from app.program import Program
from app.rows.actions import Row
from widgets.panels.workspaces import BUILD, LAYOUT, MASKS, PHOTOS
from widgets.viewport.navigation import Side
from widgets.viewport.options import Shading

translate = QCoreApplication.translate


def view_rows(program: Program) -> tuple[Row, ...]:
    return (*_spaces(program), *_shadings(program), *_switches(program), *_themes(program))


def _spaces(program: Program) -> list[Row]:
    def row(name: str, words: str, keys: str) -> Row:
        return Row(
            f"space_{name}",
            "View",
            words,
            lambda: program.show_workspace(name),
            (keys,),
            name,
            checked=lambda: program.workspace == name,
            group="spaces",
        )

    return [
        row(PHOTOS, translate("Actions", "Photos workspace"), "Ctrl+1"),
        row(MASKS, translate("Actions", "Masks workspace"), "Ctrl+2"),
        row(BUILD, translate("Actions", "Build workspace"), "Ctrl+3"),
        row(LAYOUT, translate("Actions", "Layout workspace"), "Ctrl+4"),
    ]


def _shadings(program: Program) -> list[Row]:
    def row(shading: Shading, words: str, tip: str, keys: str) -> Row:
        return Row(
            f"shade_{shading.value}",
            "View/Shading",
            words,
            lambda: program.shade(shading),
            (keys,),
            f"shading-{shading.value}",
            tip,
            checked=lambda: program.options.shading is shading,
            group="shading",
        )

    depth = translate("Actions", "Show how far away things are")
    opacity = translate("Actions", "Show how much is hidden behind")
    normals = translate("Actions", "Show which way surfaces face")
    objects = translate("Actions", "Show which object everything belongs to")
    origins = translate("Actions", "Show what the photos measured, and what is a guess")
    return [
        row(
            Shading.COLOR,
            translate("Actions", "Colour"),
            translate("Actions", "Show colours"),
            "Shift+1",
        ),
        row(Shading.DEPTH, translate("Actions", "Depth"), depth, "Shift+2"),
        row(Shading.ALPHA, translate("Actions", "Opacity"), opacity, "Shift+3"),
        row(Shading.NORMAL, translate("Actions", "Normals"), normals, "Shift+4"),
        row(Shading.OBJECTS, translate("Actions", "Objects"), objects, "Shift+5"),
        row(Shading.ORIGIN, translate("Actions", "Seen or guessed"), origins, "Shift+6"),
    ]


def _switches(program: Program) -> list[Row]:
    def row(name: str, icon: str, words: str, tip: str, keys: str = "") -> Row:
        return Row(
            name,
            "View/Show",
            words,
            lambda: program.toggle(name),
            (keys,) if keys else (),
            icon,
            tip,
            checked=lambda: bool(getattr(program.options, name)),
        )

    cameras = translate("Actions", "Show where the photos were taken")
    points = translate("Actions", "Show the points that the photos have in common")
    floor = translate("Actions", "Show the floor that was found")
    bounds = translate("Actions", "Show how far the scene reaches")
    scene = translate("Actions", "Show the scene itself")
    filled = translate("Actions", "Show also what was filled in without evidence")
    grid = translate("Actions", "Show the ground grid")
    axes = translate("Actions", "Show the axes")
    return [
        row("content", "eye", translate("Actions", "Scene"), scene),
        row("filled", "filled", translate("Actions", "Filled parts"), filled, "Shift+H"),
        row("frustums", "frustums", translate("Actions", "Cameras"), cameras, "Shift+C"),
        row("points", "points", translate("Actions", "Matched points"), points, "Shift+P"),
        row("grid", "grid", translate("Actions", "Grid"), grid, "Shift+G"),
        row("axes", "axes", translate("Actions", "Axes"), axes),
        row("floor", "floor", translate("Actions", "Floor"), floor),
        row("bounds", "bounds", translate("Actions", "Bounds"), bounds),
    ]


def _themes(program: Program) -> list[Row]:
    def row(name: str, words: str) -> Row:
        return Row(
            f"theme_{name}",
            "View/Theme",
            words,
            lambda: program.memory.choose_theme(name),
            checked=lambda: program.memory.preferences.theme == name,
            group="theme",
        )

    return [
        row("system", translate("Actions", "As the desktop")),
        row("light", translate("Actions", "Light")),
        row("dark", translate("Actions", "Dark")),
    ]


def look_rows(program: Program) -> tuple[Row, ...]:
    view = program.window.viewport

    def side(name: str, words: str, chosen: Side, keys: str) -> Row:
        return Row(
            name, "View/Look from", words, lambda: view.look_from(chosen), (keys,), near=view
        )

    return (
        Row(
            "frame",
            "View",
            translate("Actions", "Frame the scene"),
            view.frame_selection,
            ("F",),
            "frame",
            translate("Actions", "Bring the scene into the middle"),
            near=view,
            line_before=True,
        ),
        Row(
            "frame_all",
            "View",
            translate("Actions", "Frame everything"),
            view.frame_all,
            ("Home",),
            tip=translate("Actions", "Bring the scene and all cameras into the picture"),
            near=view,
        ),
        side("front", translate("Actions", "Front"), Side.FRONT, "Num+1"),
        side("back", translate("Actions", "Back"), Side.BACK, "Ctrl+Num+1"),
        side("right", translate("Actions", "Right"), Side.RIGHT, "Num+3"),
        side("left", translate("Actions", "Left"), Side.LEFT, "Ctrl+Num+3"),
        side("top", translate("Actions", "Top"), Side.TOP, "Num+7"),
        side("bottom", translate("Actions", "Bottom"), Side.BOTTOM, "Ctrl+Num+7"),
        *_modes(program),
    )


def _modes(program: Program) -> list[Row]:
    view = program.window.viewport
    return [
        Row(
            "orthographic",
            "View",
            translate("Actions", "Orthographic"),
            lambda: view.set_orthographic(not view.orthographic),
            ("Num+5",),
            "orthographic",
            translate("Actions", "Look without perspective"),
            checked=lambda: view.orthographic,
            near=view,
        ),
        Row(
            "leave_photo",
            "View",
            translate("Actions", "Leave the photo's camera"),
            lambda: view.look_through(None),
            ("Esc",),
            tip=translate("Actions", "Look about freely again"),
            enabled=lambda: view.photo is not None,
            near=view,
        ),
    ]
