"""Random numbers by name, so that a column added later leaves the rest of the world as it was."""

from __future__ import annotations

from zlib import crc32

import numpy as np


class Streams:
    """A family of independent generators that depends on one seed.

    Args:
        seed: a whole number, 0 or more.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def named(self, name: str) -> np.random.Generator:
        """A fresh generator for `name`; the same name always gives the same numbers."""
        return np.random.default_rng(np.random.SeedSequence([self.seed, crc32(name.encode("utf-8"))]))


def choose(rng: np.random.Generator, options: dict[str, float], size: int) -> np.ndarray:
    """Draw `size` keys of `options`, each with its weight (weights need not add to one)."""
    weights = np.fromiter(options.values(), dtype=float)
    return np.array(list(options), dtype=object)[rng.choice(len(weights), size=size, p=weights / weights.sum())]
