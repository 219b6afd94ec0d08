"""Projects of every version open; one of a later version is refused in a sentence."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.errors import UserError
from core.project import versions
from core.project.folder import Project, open_project, save_project
from core.scene.layout import Layout
from core.segment.masks import Masks
from tests.test_project import assert_same, capture, project
from tests.test_project_masks import masked

__all__ = ["capture", "masked", "project"]  # fixtures


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return found


def write_manifest(folder: Path, content: Mapping[str, object]) -> None:
    (folder / "manifest.json").write_text(json.dumps(content), encoding="utf-8")


def aged(folder: Path, version: int) -> None:
    """Make of the project in `folder` what the program of that version wrote."""
    content = manifest(folder)
    if version < 6:
        data = folder / content["data"]
        for path in list(data.iterdir()):
            shutil.move(path, folder / path.name)
        data.rmdir()
    if version < 9:
        del content["stances"]
    for each in content["reworks"]:
        del each["relabels"]
    if version < 8:
        del content["layout"]["shadows"]
    if version < 4:
        content["layout"]["erased"] = [each["region"] for each in content["layout"].pop("cuts")]
    added = {6: ("data", "reworks", "training"), 5: ("additions",), 3: ("layout",), 2: ("masks",)}
    for since, names in added.items():
        for name in names if version < since else ():
            del content[name]
    write_manifest(folder, {**content, "version": version})


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5, 7, 8, 9])
def test_projects_of_older_versions_open(tmp_path: Path, masked: Project, version: int) -> None:
    layout = replace(masked.layout, cuts=masked.layout.erased)  # nothing else was there before
    masked = replace(masked, layout=layout if version < 4 else masked.layout)
    folder = tmp_path / "a.maquette"
    save_project(folder, masked)
    aged(folder, version)
    expected = masked if version >= 3 else replace(masked, layout=Layout())
    if version < 2:
        expected = replace(expected, masks=Masks())
    opened = open_project(folder)
    assert_same(opened, expected)
    # Saved over itself it is of the present version, and nothing of the old one is left.
    save_project(folder, opened)
    assert_same(open_project(folder), expected)
    assert manifest(folder)["version"] == versions.VERSION
    assert not list(folder.glob("*.safetensors"))
    assert not (folder / "masks").exists()


def test_a_made_up_change_of_the_format_is_a_step_more(
    tmp_path: Path, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "a.maquette"
    save_project(folder, project)
    aged(folder, 1)
    seen: list[int] = []

    def renamed(content: Mapping[str, Any]) -> Mapping[str, Any]:
        seen.append(content["version"])
        return {**content, "trained": list(reversed(content["trained"]))}

    monkeypatch.setitem(versions.STEPS, versions.VERSION, renamed)
    monkeypatch.setattr(versions, "VERSION", versions.VERSION + 1)
    turned = tuple(reversed(project.trained))
    assert_same(open_project(folder), replace(project, layout=Layout(), trained=turned))
    assert seen == [versions.VERSION - 1]


def test_every_version_has_its_step() -> None:
    assert sorted(versions.STEPS) == list(range(1, versions.VERSION))


def test_a_later_version_is_refused(tmp_path: Path, project: Project) -> None:
    folder = tmp_path / "a.maquette"
    save_project(folder, project)
    write_manifest(folder, {**manifest(folder), "version": versions.VERSION + 1})
    with pytest.raises(UserError, match="later Maquette") as found:
        open_project(folder)
    assert found.value.problem.count(".") == 1 + str(folder).count(".")
    assert "newest" in found.value.hint
