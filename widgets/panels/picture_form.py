"""What pictures are to be taken and from where, as a form: films, stills, depth maps, a model."""

from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QWidget

from core.export.pictures import Kind, Taking, estimated_bytes
from core.export.shots import Shots, Source
from core.scene.camera_path import SECONDS, CameraPath
from widgets.panels.editors import NumberEditor
from widgets.panels.export_form import bytes_words
from widgets.panels.fields import FieldText
from widgets.panels.parts import label, named

SIZES = ((640, 360), (1280, 720), (1920, 1080), (3840, 2160), (1080, 1080), (1080, 1920))
RATES = (24, 25, 30, 60)
USUAL_SIZE, USUAL_RATE = 1, 2  # which of them
PHOTO_BYTES = 0.35  # a pixel of an undistorted photo as JPEG, about


@dataclass(frozen=True)
class Takeable:
    """What pictures can be taken with: the camera's `path`, and the sizes of placed `photos`."""

    path: CameraPath
    photos: tuple[tuple[int, int], ...] = ()


class PictureForm(QWidget):
    """`changed` tells that something was chosen; `wish` and `file_size` say what."""

    changed = Signal()

    def __init__(self, there: Takeable) -> None:
        super().__init__()
        self._there = there
        self.kinds = QComboBox()
        named(self.kinds, self.tr("What"), self.tr("What is to be made"))
        for kind, words in self._kinds().items():
            if kind is not None or there.photos:
                self.kinds.addItem(words[0], kind)
        self.about = label("", "soft", wraps=True)
        self.sources = QComboBox()
        named(self.sources, self.tr("Cameras"), self.tr("From where the pictures are taken"))
        self.sizes = QComboBox()
        named(self.sizes, self.tr("Size"), self.tr("Width and height in pixels"))
        for width, height in SIZES:
            self.sizes.addItem(f"{width} x {height}", (width, height))
        self.sizes.setCurrentIndex(USUAL_SIZE)
        long = FieldText(self.tr("Length"), self.tr("How long once around takes"), *SECONDS, 1, "s")
        self.seconds = NumberEditor(long, decimals=1)
        self.seconds.show_value(Shots().seconds)
        self.rates = QComboBox()
        named(self.rates, self.tr("Rate"), self.tr("Frames a second"))
        for rate in RATES:
            self.rates.addItem(self.tr("{rate} frames a second").format(rate=rate), rate)
        self.rates.setCurrentIndex(USUAL_RATE)
        self.sized = label("", "strong")
        self._arrange()
        self.kinds.currentIndexChanged.connect(self._offer)
        for box in (self.sources, self.sizes, self.rates):
            box.currentIndexChanged.connect(self._tell)
        self.seconds.edited.connect(self._tell)
        self._offer()

    @property
    def kind(self) -> Kind | None:
        kind: Kind | None = self.kinds.currentData()
        return kind

    @property
    def suffix(self) -> str:
        """Of the file; "" where it is a folder."""
        return self.kind.value if self.kind is Kind.FILM else ""

    @property
    def wish(self) -> Taking:
        """What was chosen."""
        width, height = self.sizes.currentData()
        source = self.sources.currentData() or Source.TURNTABLE
        seconds, rate = float(self.seconds.box.value()), self.rates.currentData()
        return Taking(self.kind, Shots(source, width, height, seconds, rate))

    @property
    def count(self) -> int:
        """How many pictures or frames that will be."""
        photos = len(self._there.photos)
        film = self.kind is Kind.FILM
        return photos if self.kind is None else self.wish.shots.count(
            self._there.path, photos, film=film
        )  # fmt: skip

    @property
    def file_size(self) -> int:
        """About how many bytes that will be."""
        kind, shots = self.kind, self.wish.shots
        if kind is None:
            return int(PHOTO_BYTES * sum(width * height for width, height in self._there.photos))
        return estimated_bytes(kind, self.count, shots.width, shots.height)

    def choose(self, kind: Kind | None) -> None:
        """Show this kind."""
        self.kinds.setCurrentIndex(max(0, self.kinds.findData(kind)))

    def _arrange(self) -> None:
        rows = self._rows = QFormLayout()
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setHorizontalSpacing(12)
        rows.setVerticalSpacing(8)
        rows.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        rows.addRow(label(self.tr("What")), self.kinds)
        rows.addRow(label(""), self.about)
        rows.addRow(label(self.tr("Cameras")), self.sources)
        rows.addRow(label(self.tr("Size")), self.sizes)
        rows.addRow(label(self.tr("Length")), self.seconds)
        rows.addRow(label(self.tr("Rate")), self.rates)
        rows.addRow(label(self.tr("Room")), self.sized)
        self.setLayout(rows)

    def _offer(self) -> None:
        """The cameras that there are for the kind that is chosen."""
        keys, photos = len(self._there.path.keys), len(self._there.photos)
        film, before = self.kind is Kind.FILM, self.sources.currentData()
        with QSignalBlocker(self.sources):
            self.sources.clear()
            if keys > (1 if film else 0):
                along = self.tr("Along the camera path") if film else self.tr("Its key frames")
                self.sources.addItem(along, Source.PATH)
            self.sources.addItem(self.tr("All around"), Source.TURNTABLE)
            if photos and not film:
                self.sources.addItem(self.tr("Where the photos were taken"), Source.PHOTOS)
            self.sources.setCurrentIndex(max(0, self.sources.findData(before)))
        self._tell()

    def _tell(self) -> None:
        kind, source = self.kind, self.sources.currentData()
        with QSignalBlocker(self):
            self.about.setText(self._kinds()[kind][1])
            shown: dict[QWidget, bool] = {
                self.sources: kind is not None,
                self.sizes: kind is not None,
                self.seconds: kind is Kind.FILM and source is Source.TURNTABLE,
                self.rates: kind is Kind.FILM,
            }
            for widget, there in shown.items():
                self._rows.setRowVisible(widget, there)
            words = self.tr("{count} frames, about {size}")
            if kind is not Kind.FILM:
                words = self.tr("{count} pictures, about {size}")
            size = bytes_words(self.file_size)
            self.sized.setText(words.format(count=self.count, size=size))
        self.changed.emit()

    def _kinds(self) -> dict[Kind | None, tuple[str, str]]:
        """How each is called, and what it is for."""
        return {
            Kind.FILM: (
                self.tr("Film (MP4)"),
                self.tr("Plays everywhere. A path of your own: View, Camera path."),
            ),
            Kind.STILLS: (
                self.tr("Pictures (PNG with alpha)"),
                self.tr("A folder of them; see-through where the scene is."),
            ),
            Kind.DEPTH_PNG: (
                self.tr("Depth maps (PNG, 16 bits)"),
                self.tr("A folder; depth.json tells how far a step is. 0 where nothing is."),
            ),
            Kind.DEPTH_NPY: (
                self.tr("Depth maps (NPY)"),
                self.tr("A folder; the scene's units as they are, for NumPy. 0 where nothing is."),
            ),
            None: (
                self.tr("Cameras (COLMAP model)"),
                self.tr("A folder of undistorted photos and their cameras, for other trainers."),
            ),
        }
