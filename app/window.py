"""The main window: where everything stands. What happens is in `wiring`."""

from collections.abc import Callable

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QToolBar,
    QToolButton,
    QWidget,
)

from app.rows.actions import Actions
from core.scene.document import State
from widgets import icons
from widgets.canvas.objects_panel import ObjectsPanel
from widgets.canvas.page import MasksPage
from widgets.guard import guarded
from widgets.panels.banner import Banner
from widgets.panels.curves import Curves
from widgets.panels.drop import paths_of
from widgets.panels.layout_panel import LayoutPanel
from widgets.panels.parts import column
from widgets.panels.path_panel import PathPanel
from widgets.panels.photo_page import PhotoPage
from widgets.panels.photo_strip import PhotoStrip
from widgets.panels.prior_targets import PriorTargets
from widgets.panels.progress_line import ProgressLine
from widgets.panels.properties import Properties
from widgets.panels.welcome import Welcome
from widgets.panels.workspaces import BUILD, LAYOUT, MASKS, PHOTOS, WorkspaceBar
from widgets.viewport.widget import Viewport

FIRST_SIZE = QSize(1440, 900)
LAYOUT_VERSION = 1  # of the docks; a layout of another version is not restored


class Window(QMainWindow):
    """Holds the panels. `dropped` hears of paths, `leaving` is asked before the window closes."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowIcon(icons.application_icon())
        self.resize(FIRST_SIZE)
        self.setAcceptDrops(True)
        self.dropped: Callable[[tuple[object, ...]], None] = lambda paths: None
        self.leaving: Callable[[], bool] = lambda: True
        self.workspaces = WorkspaceBar()
        self.banner = Banner()
        self.welcome = Welcome()
        self.photo_page = PhotoPage()
        self.viewport = Viewport()
        self.masks, self.layout_panel = MasksPage(), LayoutPanel()
        self.strip = PhotoStrip()
        self.properties, self.objects = Properties(), ObjectsPanel()
        self.curves, self.targets, self.path = Curves(), PriorTargets(), PathPanel()
        self.progress = ProgressLine()
        self._make_centre()
        self._make_docks()
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        bar.addPermanentWidget(self.progress, 1)

    def make_toolbar(self, actions: Actions, left: tuple[str, ...], right: tuple[str, ...]) -> None:
        """The bar across the top: actions on both sides, the workspaces between them."""
        self.toolbar = QToolBar(self.tr("Main bar"))
        self.toolbar.setObjectName("main-bar")
        self.toolbar.setMovable(False)
        self.toolbar.toggleViewAction().setVisible(False)
        for name in left:
            self.toolbar.addAction(actions[name])
        self.workspaces.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.toolbar.addWidget(self.workspaces)
        for name in right:
            self.toolbar.addAction(actions[name])
            button = self.toolbar.widgetForAction(actions[name])
            assert isinstance(button, QToolButton)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setProperty("role", "primary")
        self.addToolBar(self.toolbar)

    def make_bar(self, bar: QToolBar, actions: Actions, names: tuple[str, ...]) -> None:
        """Fill the bar of a workspace; an empty name stands for a gap."""
        for name in names:
            if name:
                bar.addAction(actions[name])
            else:
                bar.addSeparator()

    def show_page(self, workspace: str, state: State) -> None:
        """Turn to the page of `workspace`, or to the welcome while there is nothing."""
        photos, content = state.plan.capture is not None, state.content is not None
        pages: dict[str, QWidget] = {
            PHOTOS: self.photo_page if photos else self.welcome,
            MASKS: self.masks if photos else self.welcome,
            BUILD: self.build_page if photos or content else self.welcome,
            LAYOUT: self.build_page if photos or content else self.welcome,
        }
        self.stack.setCurrentWidget(pages[workspace])
        masks, arranging = workspace == MASKS and photos, workspace == LAYOUT
        right: QWidget = self.properties
        title = self.tr("Properties")
        if masks:
            right, title = self.objects, self.tr("Objects")
        elif arranging:
            right, title = self.layout_panel, self.tr("Layout")
        self.right.setCurrentWidget(right)
        self.docks["properties"].setWindowTitle(title)
        self.layout_bar.setVisible(arranging)
        self.workspaces.show_workspace(workspace)

    def docks_menu(self) -> QMenu:
        """What to tick to see a panel; Qt keeps it."""
        menu = self.createPopupMenu()
        assert menu is not None
        return menu

    def layout_state(self) -> tuple[bytes, bytes]:
        """Size and place of the window, and of its docks."""
        docks = self.saveState(LAYOUT_VERSION)
        return bytes(self.saveGeometry().data()), bytes(docks.data())

    def restore_layout(self, geometry: bytes, docks: bytes) -> None:
        """As `layout_state` told them; what does not fit is left as it is."""
        if geometry:
            self.restoreGeometry(QByteArray(geometry))
        if docks:
            self.restoreState(QByteArray(docks), LAYOUT_VERSION)

    def _make_centre(self) -> None:
        self.view_bar = QToolBar(self.tr("View bar"))
        self.view_bar.setIconSize(QSize(18, 18))
        self.layout_bar = QToolBar(self.tr("Layout bar"))
        self.layout_bar.setIconSize(QSize(18, 18))
        self.build_page = QWidget()
        layout = column(self.view_bar, self.layout_bar, self.viewport, spacing=0)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setStretch(2, 1)
        self.build_page.setLayout(layout)
        self.stack = QStackedWidget()
        for page in (
            self.welcome,
            self.photo_page,
            self.build_page,
            self.masks,
        ):
            self.stack.addWidget(page)
        centre = QWidget()
        whole = column(self.banner, self.stack, spacing=0)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setStretch(1, 1)
        centre.setLayout(whole)
        self.setCentralWidget(centre)

    def _make_docks(self) -> None:
        areas = Qt.DockWidgetArea
        self.setCorner(Qt.Corner.BottomLeftCorner, areas.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, areas.RightDockWidgetArea)
        self.right = QStackedWidget()
        self.right.addWidget(self.properties)
        self.right.addWidget(self.objects)
        self.right.addWidget(self.layout_panel)
        self.docks = {
            "photos": self._dock(self.tr("Photos"), "photos", self.strip, areas.LeftDockWidgetArea),
            "properties": self._dock(
                self.tr("Properties"), "properties", self.right, areas.RightDockWidgetArea
            ),
            "curves": self._dock(
                self.tr("Curves"), "curves", self.curves, areas.BottomDockWidgetArea
            ),
            "path": self._dock(
                self.tr("Camera path"), "path", self.path, areas.RightDockWidgetArea
            ),
            "prior": self._dock(
                self.tr("Prior"), "prior", self.targets, areas.BottomDockWidgetArea
            ),
        }
        wide = [self.docks["photos"], self.docks["properties"]]
        self.resizeDocks(wide, [280, 290], Qt.Orientation.Horizontal)
        self.resizeDocks([self.docks["curves"]], [190], Qt.Orientation.Vertical)
        self.docks["curves"].hide()
        self.docks["prior"].hide()
        self.docks["path"].hide()

    def _dock(self, title: str, name: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title)
        dock.setObjectName(name)
        dock.setWidget(widget)
        self.addDockWidget(area, dock)
        return dock

    @guarded
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if paths_of(event.mimeData()):
            event.acceptProposedAction()

    @guarded
    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.acceptProposedAction()

    @guarded
    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.dropped(paths_of(event.mimeData()))

    @guarded
    def closeEvent(self, event: QCloseEvent) -> None:
        if self.leaving():
            event.accept()
        else:
            event.ignore()
