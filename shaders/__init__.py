"""The programs of the graphics card, and their loader."""

import re
from importlib.resources import files

INCLUDE = re.compile(r'^#include "([\w.]+)"$', re.MULTILINE)


def source(name: str) -> str:
    """Text of the shader file `name`, with the files that it includes."""
    text = files("shaders").joinpath(name).read_text(encoding="utf-8")
    return INCLUDE.sub(lambda match: source(match[1]), text)
