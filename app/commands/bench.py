"""`maquette bench`: how fast this computer is."""

import argparse
import importlib
import importlib.util

from core.errors import Unavailable


def run(args: argparse.Namespace) -> int:
    """Measure `args.what` with the file of that name. Raises `UserError`."""
    module = f"app.bench.{args.what}"
    if importlib.util.find_spec(module) is None:
        raise Unavailable(f"There is no measurement of the {args.what} yet.", hint="Try another.")
    status: int = importlib.import_module(module).run(args)
    return status
