"""How many threads the libraries may use."""

import torch


def set_threads() -> None:
    """One for torch: Numba's pool, which does the heavy work, has all cores to itself.

    With both pools full, they wait for each other at every step. Where Numba's pool is
    OpenMP's, torch shares it from the first kernel on, whatever is said here.
    """
    torch.set_num_threads(1)
