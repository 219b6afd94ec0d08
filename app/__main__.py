"""`maquette`, also `python -m app`: reads the command line and goes where it points."""

import argparse
import importlib
import os
import sys
import traceback
from collections.abc import Sequence

from app.cli.arguments import parse
from app.cli.console import tell
from app.leaving import leave
from core.errors import UserError

# How threads wait for each other: asleep. OpenMP reads it when it is loaded, here and in children.
# With idle cores that costs 4 %; beside other work, the window's own drawing for one, threads
# that wait awake take the time of those they wait for, and training takes twice as long.
WAITING = ("OMP_WAIT_POLICY", "passive")
DONE, PROBLEM = 0, 1
WINDOW = "gui"  # what no command means


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command in `argv` (default: the program's own); the exit status.

    0 done, 1 a problem that was told on stderr, 2 wrong usage.
    """
    status = _status(sys.argv[1:] if argv is None else argv)
    if argv is None:
        leave(status)
    return status


def _status(argv: Sequence[str]) -> int:
    os.environ.setdefault(*WAITING)
    try:
        args = parse(argv)
    except SystemExit as leaving:  # argparse leaves by itself after --help and wrong usage
        return leaving.code if isinstance(leaving.code, int) else PROBLEM
    try:
        # Only the chosen command is imported: torch alone takes seconds, --help should not.
        name = (args.command or WINDOW).replace("-", "_")
        status: int = importlib.import_module(f"app.commands.{name}").run(args)
    except UserError as error:
        return _problem(args, str(error))
    except KeyboardInterrupt:
        kept = "; nothing was kept" if args.command == "reconstruct" else ""
        return _problem(args, f"Stopped{kept}.")
    except BrokenPipeError:
        # Whoever read our output has gone; keep Python from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PROBLEM
    except MemoryError:
        return _problem(
            args, "The memory is not enough. Close other programs, or lower --max-size."
        )
    except Exception as error:  # noqa: BLE001 - the last place where it can become a sentence
        return _problem(args, _unexpected(args, error))
    return status


def _problem(args: argparse.Namespace, words: str) -> int:
    tell(words)
    if getattr(args, "json", False) and args.command == "reconstruct":
        from app.cli.console import say_json

        say_json({"event": "error", "problem": words})
    return PROBLEM


def _unexpected(args: argparse.Namespace, error: Exception) -> str:
    if args.debug:
        tell("".join(traceback.format_exception(error)).rstrip())
    line = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    line = " ".join(line.split())
    return (
        f"An error in the program stopped it ({line}). Run it with --debug and report what it says."
    )


if __name__ == "__main__":
    sys.exit(main())
