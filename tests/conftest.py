"""What several test files share."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import moderngl
import pytest

from core.errors import Unavailable
from tests.display import missing_display
from widgets.viewport.context import standalone
from widgets.viewport.renderer import Renderer

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from app.program import Program
    from tests.window_parts import Answers

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Features and matches are kept for these tests alone, not in the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("LOCALAPPDATA", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real captures; tests that want it are skipped where it is not there."""
    told = os.environ.get("MAQUETTE_DATA")
    folder = Path(told) if told else REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real captures at {folder} (MAQUETTE_DATA names the folder)")
    return folder


@pytest.fixture(scope="session")
def open3d() -> ModuleType:
    """open3d, which needs system libraries that a bare Linux may lack (see the README)."""
    try:
        import open3d as module
    except (ImportError, OSError) as error:
        pytest.skip(f"open3d cannot be imported here: {error}")
    return module


@pytest.fixture(scope="session")
def qapp_cls() -> type:
    """The application of pytest-qt, which needs a display."""
    if missing := missing_display():
        pytest.skip(missing)
    try:
        from PySide6.QtWidgets import QApplication
    except ImportError as error:
        pytest.skip(f"Qt cannot be imported here: {error}")
    return QApplication


@pytest.fixture(scope="module")
def answers() -> "Answers":
    """What the user of `program` answers."""
    from tests.window_parts import Answers

    return Answers()


@pytest.fixture(scope="module")
def program(
    qapp: "QApplication", tmp_path_factory: pytest.TempPathFactory, answers: "Answers"
) -> "Iterator[Program]":
    """The whole program with its window; one for all tests of a file."""
    from tests.window_parts import opened

    with opened(tmp_path_factory.mktemp("home"), answers) as program:
        yield program


@pytest.fixture(scope="module")
def context() -> Iterator[moderngl.Context]:
    """OpenGL without a window."""
    with contextlib.ExitStack() as stack:
        try:
            made = stack.enter_context(standalone())
        except Unavailable as error:
            pytest.skip(str(error))
        yield made


@pytest.fixture
def renderer(context: moderngl.Context) -> Iterator[Renderer]:
    """One in `context`, released afterwards."""
    made = Renderer(context)
    yield made
    made.release()
