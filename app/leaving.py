"""How the program ends while a thread compiles, which nothing can stop."""

import contextlib
import os
import sys
import threading

UNSTOPPABLE = "compiling"  # the name of such a thread


def leave(status: int) -> None:
    """End the process at once if a thread is at work in LLVM, which does not bear being unloaded.

    Otherwise return, for Python to end as it does.
    """
    if any(thread.name == UNSTOPPABLE for thread in threading.enumerate()):
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)
