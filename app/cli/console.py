"""The only place that writes to the terminal."""

import contextlib
import json
import math
import sys
from collections.abc import Mapping


def say(text: str) -> None:
    """An answer, on stdout."""
    # Names may hold letters that the terminal's encoding has not.
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    sys.stdout.flush()


def tell(text: str) -> None:
    """What happens, on stderr."""
    # The terminal may be gone, which is no reason to lose the work.
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


def say_json(content: Mapping[str, object]) -> None:
    """One object on one line of stdout; numbers that JSON cannot hold become null."""
    clean = {key: _clean(value) for key, value in content.items()}
    say(json.dumps(clean, allow_nan=False))


def _clean(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value
