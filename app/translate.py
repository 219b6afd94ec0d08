"""`python -m app.translate CODE`: begin or renew the translation into a language.

Collects every text of the window into `resources/translations/maquette_CODE.ts`, which a
person fills in (`pyside6-linguist` shows it as a table; any editor will do), and makes of what
is filled in the `.qm` beside it that the program reads. Run it again after each change. What was
translated stays. For a language with a country write `pt_BR`.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from app.languages import FOLDER, PREFIX

ROOT = Path(__file__).resolve().parents[1]
WITH_TEXTS = ("app", "widgets")


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 done, 1 a tool failed, 2 wrong usage."""
    if len(arguments) != 1 or not re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2})?", arguments[0]):
        sys.stderr.write(__doc__)
        return 2
    texts = FOLDER / f"{PREFIX}{arguments[0]}.ts"
    return 0 if collect(texts) and compile_texts(texts) else 1


def collect(texts: Path) -> bool:
    """Bring the file `texts` (.ts) up to date with the program; whether that went well."""
    sources = sorted(str(file) for folder in WITH_TEXTS for file in (ROOT / folder).rglob("*.py"))
    code = texts.stem.removeprefix(PREFIX)
    options = ["-no-obsolete", "-locations", "none", "-source-language", "en"]
    return run("pyside6-lupdate", *sources, *options, "-target-language", code, "-ts", str(texts))


def compile_texts(texts: Path) -> bool:
    """Make the .qm beside `texts` (.ts); whether that went well."""
    return run("pyside6-lrelease", str(texts), "-qm", str(texts.with_suffix(".qm")))


def run(tool: str, *arguments: str) -> bool:
    """Whether one of Qt's tools, which came with PySide6, did its work."""
    place = str(Path(sys.executable).parent)
    program = shutil.which(tool, path=place) or shutil.which(tool)
    if program is None:
        sys.stderr.write(f"{tool} is missing: it comes with PySide6-Essentials.\n")
        return False
    return subprocess.run([program, *arguments], check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
