"""How the settings of a reconstruction are put to people."""

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication

from core.pipeline.settings import PRESETS, Preset
from widgets.panels.fields import FieldText

translate = QCoreApplication.translate


def preset_words() -> Mapping[Preset, tuple[str, str]]:
    """The name of each preset, and a sentence on it."""
    return {
        Preset.QUICK: (
            translate("Settings", "Quick"),
            translate("Settings", "A first look in a minute or two."),
        ),
        Preset.STANDARD: (
            translate("Settings", "Standard"),
            translate("Settings", "Good for most scenes; some minutes."),
        ),
        Preset.BEST: (
            translate("Settings", "Best"),
            translate("Settings", "The finest detail; from half an hour up to hours."),
        ),
    }


def changed_words() -> str:
    """Beside a preset of which the user has changed a part."""
    return translate("Settings", "Changed from the preset.")


def is_preset(settings: object) -> bool:
    """Whether `settings` are those of a preset, unchanged."""
    return settings in PRESETS.values()


def settings_texts() -> Mapping[str, FieldText]:
    """The fields of `Settings` but for the preset."""
    return {
        "iterations": FieldText(
            label=translate("Settings", "Iterations"),
            help=translate("Settings", "Training steps; more of them fit the photos better."),
            low=100,
            high=200_000,
            step=500,
        ),
        "max_size": FieldText(
            label=translate("Settings", "Picture size"),
            help=translate("Settings", "Longer side of the pictures that are trained on."),
            low=64,
            high=8192,
            step=64,
            unit=translate("Settings", "px"),
        ),
        "max_gaussians": FieldText(
            label=translate("Settings", "Most Gaussians"),
            help=translate("Settings", "The scene never grows beyond this many Gaussians."),
            low=1000,
            high=10_000_000,
            step=10_000,
        ),
        "time_limit": FieldText(
            label=translate("Settings", "Time limit"),
            help=translate("Settings", "Training ends after this time, however far it is."),
            low=10,
            high=604_800,
            step=30,
            unit=translate("Settings", "s"),
            nothing=translate("Settings", "None"),
        ),
        "seed": FieldText(
            label=translate("Settings", "Seed"),
            help=translate("Settings", "Same seed, same photos: same scene."),
            low=0,
            high=2**31 - 1,
            step=1,
        ),
        "judge": FieldText(
            label=translate("Settings", "Judge the scene"),
            help=translate("Settings", "Tells at the end from where the scene can be trusted."),
        ),
        **_help_texts(),
    }


def _help_texts() -> Mapping[str, FieldText]:
    """Of what comes to the photos' help."""
    return {
        "prior": FieldText(
            label=translate("Settings", "Prior"),
            help=translate(
                "Settings", "What fills in where photos are few; what it makes up is marked."
            ),
        ),
        "prior_strength": FieldText(
            label=translate("Settings", "Prior's strength"),
            help=translate("Settings", "How much it has to say beside the photos; 0 is nothing."),
            low=0,
            high=10,
            step=0.25,
        ),
        "words_prior": FieldText(
            label=translate("Settings", "Network for words"),
            help=translate(
                "Settings",
                "A folder: completes what no photo shows of things described in Masks.",
            ),
        ),
        "depth": FieldText(
            label=translate("Settings", "Depth of one photo"),
            help=translate(
                "Settings", "Where there is a single photo: a file of its depth, or a network."
            ),
        ),
        "fill": FieldText(
            label=translate("Settings", "Fill of one photo"),
            help=translate(
                "Settings",
                "Where there is a single photo: a network that paints what is hidden.",
            ),
        ),
        "expand": FieldText(
            label=translate("Settings", "Growth of one photo"),
            help=translate(
                "Settings",
                "Where there is a single photo: look-around, turn-around or step-in, and how often,"
                " as look-around:4.",
            ),
        ),
    }
