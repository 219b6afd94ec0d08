"""The house's own laws: which way imports point, how long things are, what is explained.

Imports inside functions count too: that is where cycles hide.
"""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
LAYERS = ("app", "core", "resources", "shaders", "widgets")

GUI = {
    "PySide6", "PySide2", "PyQt5", "PyQt6", "shiboken6", "vispy", "moderngl", "glcontext", "OpenGL",
    "glfw", "pyglet", "pygame", "tkinter", "wx", "matplotlib", "dearpygui", "imgui",
}  # fmt: skip
ABOVE = {
    "app": set(),
    "widgets": {"app"},
    "core": {"app", "widgets", "shaders", "resources"},
    "shaders": {"app", "widgets", "core", "resources"},
    "resources": {"app", "widgets", "shaders"},
}
# What core leaves to whoever runs it: its pace, its processes, its settings.
NOT_IN_CORE = {"threading", "multiprocessing", "subprocess", "concurrent", "asyncio", "_thread"}
# Heavy or optional packages, each in adapter files only.
ADAPTERS = {
    "av": {"core/export/video.py"},
    "gsplat": {"core/render/gsplat_backend.py", "app/bench/baseline.py"},
    "diffusers": {"core/prior/"},
    "segment_anything": {"core/segment/sam.py", "core/segment/"},
    "transformers": {"core/segment/", "core/prior/", "core/single/"},
    "torchvision": set(),
}
# Only these may run before anything is installed.
BEFORE_INSTALLATION = ("app/bootstrap.py", "app/machine.py", "app/system_packages.py")

LINES_A_FILE, LINES_A_FUNCTION = 300, 60
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Import(NamedTuple):
    module: str  # as written, dotted
    name: str  # what is taken from it, or ""
    lazy: bool  # inside a function


def source_files(*layers: str) -> list[Path]:
    return sorted(path for layer in layers for path in (ROOT / layer).rglob("*.py"))


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(path: Path) -> Iterator[Import]:
    """Every import of a file, but for those that only a type checker follows."""
    inside = {
        id(node)
        for function in ast.walk(tree(path))
        if isinstance(function, Function)
        for node in ast.walk(function)
    }
    for node in _executed(tree(path)):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, "", id(node) in inside) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from (Import(module, alias.name, id(node) in inside) for alias in node.names)


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        children: list[ast.AST] = list(node.orelse)
    else:
        children = list(ast.iter_child_nodes(node))
    for child in children:
        yield from _executed(child)


def package(found: Import) -> str:
    return found.module.split(".")[0]


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_point_down(layer: str) -> None:
    wrong = [
        f"{short(path)} imports {found.module}"
        for path in source_files(layer)
        for found in imports(path)
        if package(found) in ABOVE[layer] | {"tests"}
    ]
    assert not wrong


def test_core_knows_no_screen_no_threads_no_environment() -> None:
    wrong = [
        f"{short(path)} imports {found.module}"
        for path in source_files("core")
        for found in imports(path)
        if package(found) in GUI | NOT_IN_CORE
    ]
    wrong += [
        f"{short(path)}:{node.lineno} reads the environment"
        for path in source_files("core")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr in ("environ", "getenv", "putenv", "environb")
        and ast.unparse(node.value) == "os"
    ]
    wrong += [
        f"{short(path)} takes {found.name} from os"
        for path in source_files("core")
        for found in imports(path)
        if found.module == "os" and found.name in ("environ", "getenv", "putenv", "environb")
    ]
    assert not wrong


def test_heavy_packages_stay_in_their_adapters() -> None:
    wrong = [
        f"{short(path)} imports {found.module}"
        for path in source_files(*LAYERS)
        for found in imports(path)
        if package(found) in ADAPTERS
        and not any(short(path).startswith(place) for place in ADAPTERS[package(found)])
    ]
    assert not wrong


@pytest.mark.parametrize("file", BEFORE_INSTALLATION)
def test_what_runs_before_the_installation_needs_only_python(file: str) -> None:
    ours = {module_name(ROOT / name) for name in BEFORE_INSTALLATION}
    wrong = [
        found.module
        for found in imports(ROOT / file)
        if package(found) not in sys.stdlib_module_names and found.module not in ours
    ]
    assert not wrong


def test_no_import_cycles() -> None:
    modules = {module_name(path): path for path in source_files(*LAYERS)}
    graph: dict[str, set[str]] = {}
    for name, path in modules.items():
        wanted = {f"{found.module}.{found.name}" for found in imports(path)}
        wanted |= {found.module for found in imports(path)}
        graph[name] = (wanted & modules.keys()) - {name}
    assert cycle(graph) == []


def cycle(graph: dict[str, set[str]]) -> list[str]:
    """The modules of one cycle, in order; empty if there is none."""
    done: set[str] = set()
    way: list[str] = []

    def visit(name: str) -> list[str]:
        if name in way:
            return [*way[way.index(name) :], name]
        if name in done:
            return []
        way.append(name)
        for wanted in sorted(graph[name]):
            if found := visit(wanted):
                return found
        way.pop()
        done.add(name)
        return []

    return next((found for name in sorted(graph) if (found := visit(name))), [])


def test_the_cycle_finder_finds_cycles() -> None:
    assert cycle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []
    assert cycle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]


def test_imports_inside_functions_are_seen(tmp_path: Path) -> None:
    file = tmp_path / "sample.py"
    text = "import a\nif TYPE_CHECKING:\n    import b\ndef f():\n    from c import d\n"
    file.write_text(text, encoding="utf-8")
    assert list(imports(file)) == [Import("a", "", False), Import("c", "d", True)]


def test_files_are_short() -> None:
    counts = {
        short(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in source_files(*LAYERS, "tests")
    }
    assert {file: count for file, count in counts.items() if count > LINES_A_FILE} == {}


def test_functions_are_short() -> None:
    wrong = [
        f"{short(path)}:{node.lineno} {node.name}: {lines} lines"
        for path in source_files(*LAYERS)
        for node in ast.walk(tree(path))
        if isinstance(node, Function)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > LINES_A_FUNCTION
    ]
    assert not wrong


def test_packages_begin_empty() -> None:
    # shaders' own holds its loader.
    files = [path for path in source_files(*LAYERS, "tests") if path.name == "__init__.py"]
    full = [short(path) for path in files if path.read_text(encoding="utf-8").strip()]
    assert [file for file in full if file != "shaders/__init__.py"] == []


def test_imports_are_absolute() -> None:
    wrong = [
        short(path)
        for path in source_files(*LAYERS, "tests")
        for found in imports(path)
        if found.module.startswith(".")
    ]
    assert not wrong


def test_files_say_what_they_are() -> None:
    files = [path for path in source_files(*LAYERS, "tests") if path.name != "__init__.py"]
    assert [short(path) for path in files if not ast.get_docstring(tree(path))] == []


def test_what_core_offers_is_explained() -> None:
    """Public classes and functions; of kernels, which share so much, the file may tell."""
    wrong = [
        f"{short(path)}:{node.lineno} {node.name}"
        for path in source_files("core")
        for node in tree(path).body
        if isinstance(node, (ast.ClassDef, *Function.__args__))
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
        and not is_kernel(node)
    ]
    assert not wrong


def is_kernel(node: ast.ClassDef | Function) -> bool:
    return any("njit" in ast.unparse(decorator) for decorator in node.decorator_list)
