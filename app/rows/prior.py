"""Actions about versions of the scene, and about the models that help to make it."""

from PySide6.QtCore import QCoreApplication

from app.prior.compare import Other
from app.prior.store import show_page
from app.program import Program
from app.rows.actions import Row
from widgets.panels.models_page import ModelsPage

translate = QCoreApplication.translate


def compare_rows(program: Program) -> tuple[Row, ...]:
    """What the view shows left of the wipe's line."""
    comparison = program.prior.comparison

    def row(other: Other, words: str, tip: str, keys: tuple[str, ...] = ()) -> Row:
        return Row(
            f"compare_{other.value}",
            "View/Compare with",
            words,
            lambda: comparison.choose(other),
            keys,
            tip=tip,
            enabled=lambda: other is Other.NOTHING or comparison.version(other) is not None,
            checked=lambda: comparison.chosen is other,
            group="compare",
        )

    return (
        row(Other.NOTHING, translate("Actions", "Nothing"),
            translate("Actions", "Show the scene alone")),
        row(Other.BUILT, translate("Actions", "The scene before it was built anew"),
            translate("Actions", "As with and without a prior: build with both, then compare")),
        row(Other.BEGUN, translate("Actions", "The scene when the prior began"),
            translate("Actions", "What training had reached when the first target was made")),
        row(Other.WORDS, translate("Actions", "The scene without changes by words"),
            translate("Actions", "Objects as the photos have them")),
    )  # fmt: skip


def model_rows(program: Program) -> tuple[Row, ...]:
    """The sheet of models."""
    return (
        Row(
            "models",
            "Help",
            translate("Actions", "Models…"),
            lambda: show_page(program.prior.models, program.memory, _page(program)),
            tip=translate("Actions", "What networks can help with, and which are here"),
        ),
    )


def _page(program: Program) -> ModelsPage:
    """The one sheet that there is, made anew each time it is opened."""
    for old in program.window.findChildren(ModelsPage):
        if old.isVisible():
            old.reject()
        old.deleteLater()
    return ModelsPage(program.window)
