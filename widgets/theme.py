"""The looks of the program: two frozen sets of colours, and the one place that applies them."""

import string
from dataclasses import asdict, dataclass
from importlib import resources

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from widgets import glyphs

WISHES = ("light", "dark", "system")


@dataclass(frozen=True)
class Theme:
    """Colours by what they are for, as "#rrggbb"; lengths in logical pixels."""

    name: str
    window: str  # behind everything
    panel: str  # docks, cards, menus
    raised: str  # buttons
    field: str  # where one types
    hover: str
    pressed: str
    line: str  # between things
    edge: str  # around things one can use
    text: str
    soft: str  # second in rank, still read
    faint: str  # disabled
    accent: str
    accent_hover: str
    on_accent: str  # text on accent
    chosen: str  # ground of what is selected
    good: str
    good_ground: str
    warning: str
    warning_ground: str
    error: str
    error_ground: str
    info: str
    info_ground: str
    curves: tuple[str, str, str, str]  # loss, training, test, Gaussians
    radius: int = 6
    space: int = 8


DARK = Theme(
    name="dark",
    window="#15171b",
    panel="#1d2025",
    raised="#2a2e36",
    field="#15181c",
    hover="#353a44",
    pressed="#23272e",
    line="#2c3038",
    edge="#3d434e",
    text="#e7e9ed",
    soft="#a9b0bc",
    faint="#6f7784",
    accent="#6ea6ff",
    accent_hover="#8cb9ff",
    on_accent="#0a1424",
    chosen="#25344f",
    good="#6fce97",
    good_ground="#1b2f27",
    warning="#f0b55a",
    warning_ground="#33291a",
    error="#ff8a80",
    error_ground="#3a2224",
    info="#82b4ff",
    info_ground="#1d2a3f",
    curves=("#f0a35e", "#6ea6ff", "#6fce97", "#c59bff"),
)

LIGHT = Theme(
    name="light",
    window="#eceef1",
    panel="#f9fafb",
    raised="#ffffff",
    field="#ffffff",
    hover="#e9edf3",
    pressed="#dde3ec",
    line="#dfe2e7",
    edge="#c3c9d2",
    text="#1a1d22",
    soft="#535b68",
    faint="#8a929e",
    accent="#1f5fc4",
    accent_hover="#184ea5",
    on_accent="#ffffff",
    chosen="#d8e5fa",
    good="#17703f",
    good_ground="#def2e6",
    warning="#835000",
    warning_ground="#fcefd6",
    error="#b3261e",
    error_ground="#fce4e2",
    info="#1f5fc4",
    info_ground="#e1ebfb",
    curves=("#b8560b", "#1f5fc4", "#17703f", "#7440bd"),
)


class Notifier(QObject):
    """Tells when another theme was applied."""

    changed = Signal(object)  # Theme


class _Look:
    """What is applied now; there is one screen, so there is one."""

    theme = DARK
    wish = "system"
    notifier: Notifier | None = None
    follows = False


def current() -> Theme:
    """The theme that is applied."""
    return _Look.theme


def notifier() -> Notifier:
    """Its `changed` signal carries the new theme."""
    if _Look.notifier is None:
        _Look.notifier = Notifier()
    return _Look.notifier


def apply(app: QApplication, wish: str) -> Theme:
    """Dress `app` as `wish` says: "light", "dark", or "system" to follow the desktop."""
    if wish not in WISHES:
        raise ValueError(f"a theme is one of {', '.join(WISHES)}, got {wish!r}")
    hints = app.styleHints()
    _Look.wish = wish
    # Native dialogs and title bars follow this hint.
    if wish == "system":
        hints.unsetColorScheme()
    else:
        hints.setColorScheme(Qt.ColorScheme.Dark if wish == "dark" else Qt.ColorScheme.Light)
    if not _Look.follows:
        _Look.follows = True
        hints.colorSchemeChanged.connect(lambda scheme: _follow(app, scheme))
    return _dress(app, _wished(hints.colorScheme()))


def _follow(app: QApplication, scheme: Qt.ColorScheme) -> None:
    if _wished(scheme) is not _Look.theme:
        _dress(app, _wished(scheme))


def _wished(scheme: Qt.ColorScheme) -> Theme:
    """What is asked for while the desktop asks for `scheme`; dark where it does not say."""
    if _Look.wish == "system":
        return LIGHT if scheme == Qt.ColorScheme.Light else DARK
    return LIGHT if _Look.wish == "light" else DARK


def _dress(app: QApplication, theme: Theme) -> Theme:
    _Look.theme = theme
    app.setStyle("Fusion")
    app.setPalette(palette(theme))
    app.setStyleSheet(stylesheet(theme))
    notifier().changed.emit(theme)
    return theme


def palette(theme: Theme) -> QPalette:
    """For what the style draws by itself."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    answer = QPalette()
    colors = {
        role.Window: theme.panel,
        role.WindowText: theme.text,
        role.Base: theme.field,
        role.AlternateBase: theme.panel,
        role.Text: theme.text,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.error,
        role.Highlight: theme.chosen,
        role.HighlightedText: theme.text,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.soft,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.Accent: theme.accent,
        role.Light: theme.hover,
        role.Midlight: theme.raised,
        role.Mid: theme.line,
        role.Dark: theme.edge,
        role.Shadow: theme.window,
    }
    for name, color in colors.items():
        answer.setColor(name, QColor(color))
    for name in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        answer.setColor(group.Disabled, name, QColor(theme.faint))
    return answer


def stylesheet(theme: Theme) -> str:
    """The style sheet with the colours of `theme` filled in."""
    template = resources.files("resources").joinpath("theme.qss").read_text(encoding="utf-8")
    values = {name: value for name, value in asdict(theme).items() if name != "curves"}
    pictures = glyphs.written(theme.text, theme.on_accent, theme.faint, theme.soft)
    return string.Template(template).substitute(values, **pictures)


def contrast(one: str, two: str) -> float:
    """How well two colours are told apart, 1 to 21, as the web's accessibility rules define it."""
    brighter, darker = sorted((_luminance(one), _luminance(two)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
