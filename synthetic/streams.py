"""Random numbers by name, so that a column added later leaves the rest of the world as it was.

Every chunk of the world has streams of its own, keyed by the seed, the name of the stream and the number of the chunk: what a chunk holds does not
depend on which process makes it, or when.
"""

from __future__ import annotations

import math
from zlib import crc32

import numpy as np


class Streams:
    """A family of independent generators that depends on one seed and one chunk.

    Args:
        seed: a whole number, 0 or more.
        chunk: number of the chunk.
    """

    def __init__(self, seed: int, chunk: int = 0) -> None:
        self.seed, self.chunk = seed, chunk

    def named(self, name: str) -> np.random.Generator:
        """A fresh generator for `name` in this chunk; the same name always gives the same numbers."""
        return np.random.default_rng(np.random.SeedSequence([self.seed, crc32(name.encode("utf-8")), self.chunk]))

    def shared(self, name: str) -> np.random.Generator:
        """A generator that is the same in every chunk, for what belongs to a whole file."""
        return np.random.default_rng(np.random.SeedSequence([self.seed, crc32(name.encode("utf-8"))]))


def choose(rng: np.random.Generator, options: dict[str, float], size: int) -> np.ndarray:
    """Draw `size` keys of `options`, each with its weight (weights need not add to one)."""
    weights = np.fromiter(options.values(), dtype=float)
    return np.array(list(options), dtype=object)[pick_index(rng, weights, size)]


def pick_index(rng: np.random.Generator, weights: np.ndarray, size: int) -> np.ndarray:
    """Draw `size` positions, each with its weight."""
    edges = np.cumsum(np.asarray(weights, dtype=float))
    return np.minimum(np.searchsorted(edges / edges[-1], rng.random(size), side="right"), len(edges) - 1)


LEAN = 1.5  # of `balanced`: larger leans harder, above 4 it would swing


def balanced(rng: np.random.Generator, chance: np.ndarray, traits: np.ndarray) -> np.ndarray:
    """Draw yes or no with given chances, so that those drawn have nearly the mix of traits that the chances lead one to expect.

    The draws are made one by one in random order, and each leans a little against the imbalance that the earlier ones have left. A group of a
    thousand then differs from what is expected of it by a few cases only, where free draws would differ by dozens.

    Args:
        chance: of each case.
        traits: numbers to keep in balance, one row for each case.
    """
    n = len(chance)
    drawn = np.zeros(n, dtype=bool)
    if not n:
        return drawn
    chance = np.clip(chance, 1e-6, 1 - 1e-6)
    odds = np.log(chance / (1 - chance))
    columns = np.column_stack([odds, traits])
    spread = columns.std(axis=0)
    columns = (columns - columns.mean(axis=0)) / np.maximum(spread, 0.2)  # or a rare trait would throw the balance about
    columns = np.column_stack([np.ones(n), columns])
    leaning = LEAN * columns / np.square(columns).sum(axis=1, keepdims=True)
    imbalance, draw = np.zeros(columns.shape[1]), rng.random(n)
    for case in rng.permutation(n).tolist():
        tilt = min(max(float(imbalance @ leaning[case]), -1.0), 1.0)
        drawn[case] = yes = draw[case] * (1 + math.exp(tilt - odds[case])) < 1
        imbalance += (yes - chance[case]) * columns[case]
    return drawn


def onset(rng: np.random.Generator, ages: np.ndarray, rates: np.ndarray, frailty: np.ndarray,
          changes: list[tuple[np.ndarray, np.ndarray | float]] = ()) -> np.ndarray:
    """Age at which something first happens, infinite for those to whom it never does.

    The hazard of a child at an age is `rates` (per year, constant between the edges `ages`) times the child's `frailty`, times the factor of each
    of `changes` whose age has been reached.

    Args:
        ages: increasing edges in years, one more than there are rates.
        changes: pairs of the age at which the hazard changes (infinite for never) and the factor by which it does.
    """
    left = rng.exponential(size=len(frailty)) / np.maximum(frailty, 1e-12)  # of the cumulative hazard, until it happens
    cumulative = np.concatenate([[0.0], np.cumsum(np.asarray(rates) * np.diff(ages))])
    if not changes:
        return _inverse(left, ages, cumulative)
    when = np.stack([np.clip(age, ages[0], ages[-1]) for age, _ in changes])
    factor = np.stack([np.broadcast_to(np.asarray(f, dtype=float), left.shape) for _, f in changes])
    order = np.argsort(when, axis=0, kind="stable")
    when, factor = np.take_along_axis(when, order, 0), np.take_along_axis(factor, order, 0)
    spent, done, scale = np.zeros(len(left)), np.full(len(left), np.nan), np.ones(len(left))
    for step in range(len(changes) + 1):
        until = np.interp(when[step], ages, cumulative) if step < len(changes) else np.full(len(left), np.inf)
        available = (until - spent) * scale
        happens = np.isnan(done) & (left < available)
        done[happens] = (spent + left / scale)[happens]
        left = left - np.where(np.isfinite(available), available, 0)
        if step < len(changes):
            spent, scale = until, scale * factor[step]
    return _inverse(np.where(np.isnan(done), np.inf, done), ages, cumulative)


def _inverse(hazard: np.ndarray, ages: np.ndarray, cumulative: np.ndarray) -> np.ndarray:
    """Age at which the cumulative hazard reaches a value; infinite beyond the last edge."""
    return np.where(hazard < cumulative[-1], np.interp(hazard, cumulative, ages), np.inf)
