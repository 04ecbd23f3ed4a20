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


def choose(rng: np.random.Generator, options: dict[str, float], size: int, *order: np.ndarray) -> np.ndarray:
    """Draw `size` keys of `options`, each with its weight (weights need not add to one); evenly along `order`, if that is given (see `evenly`)."""
    weights = np.fromiter(options.values(), dtype=float)
    return np.array(list(options), dtype=object)[pick_index(rng, weights, size, *order)]


def pick_index(rng: np.random.Generator, weights: np.ndarray, size: int, *order: np.ndarray) -> np.ndarray:
    """Draw `size` positions, each with its weight; evenly along `order`, if that is given."""
    edges = np.cumsum(np.asarray(weights, dtype=float))
    draw = evenly(rng, *order) if order else rng.random(size)
    return np.minimum(np.searchsorted(edges / edges[-1], draw, side="right"), len(edges) - 1)


def evenly(rng: np.random.Generator, *order: np.ndarray) -> np.ndarray:
    """Uniform numbers that fill the unit interval evenly among neighbours, so that any run of neighbours gets nearly its expected share of anything.

    Each number for itself is as random as one of `rng.random`. In the order of the keys the numbers are a van der Corput sequence with Owen's
    scrambling (each run of 2, 4, 8, ... places has one number in each half, quarter, eighth, ...), by the hash of Laine and Karras.

    Args:
        order: keys, one number for each row, the first counts most; what is equal in all of them stands in random order.
    """
    n = len(order[0])
    place = np.empty(n, dtype=np.uint32)
    place[np.lexsort((rng.random(n), *order[::-1]))] = np.arange(n, dtype=np.uint32)
    x = place + np.uint32(rng.integers(2**32))
    for factor in (0x6C50B47C, 0xB82F1E52, 0xC7AFE638, 0x8D22F6E6):
        x ^= x * np.uint32(factor)
    for step, mask in ((1, 0x55555555), (2, 0x33333333), (4, 0x0F0F0F0F), (8, 0x00FF00FF), (16, 0x0000FFFF)):  # reverse the bits
        x = (x >> np.uint32(step)) & np.uint32(mask) | (x & np.uint32(mask)) << np.uint32(step)
    return (x + rng.random(n)) / 2**32


def even_events(rng: np.random.Generator, chance: np.ndarray, *order: np.ndarray, then: tuple[np.ndarray, ...] = ()) -> np.ndarray:
    """Uniform numbers, those of which that are below the `chance` of their row are spread evenly along `order`: any run of neighbours has as many of
    them as its chances add up to, give or take one.

    Args:
        then: keys along which the numbers themselves are spread, among those below and among those above their chance.
    """
    n = len(chance)
    sequence = np.lexsort((rng.random(n), *order[::-1]))
    edges = np.floor(np.cumsum(np.append(rng.random(), chance[sequence])))
    below = np.empty(n, dtype=bool)
    below[sequence] = np.diff(edges) > 0
    part = evenly(rng, below, *then)
    return np.where(below, chance * part, chance + (1 - chance) * part)


LEAN = 1.5  # of `balanced`: larger leans harder, above 4 it would swing


def balanced(rng: np.random.Generator, chance: np.ndarray, traits: np.ndarray, case: np.ndarray | None = None, order: np.ndarray | None = None) -> np.ndarray:
    """Draw yes or no with given chances, so that those drawn have nearly the mix of traits that the chances lead one to expect.

    The draws are made one by one, and each leans a little against the imbalance that the earlier ones have left. A group of a thousand then differs
    from what is expected of it by a few cases only, where free draws would differ by dozens.

    Args:
        chance: of each row.
        traits: numbers to keep in balance, one row for each row.
        case: number of the case that each row is an option of, in runs; one option of a case is drawn at most. Without it each row is a case.
        order: a number for each row, equal inside a case: cases are drawn in this order, so that neighbours balance each other too. Else any order.

    Returns:
        Whether each row is drawn.
    """
    n = len(chance)
    drawn = np.zeros(n, dtype=bool)
    if not n:
        return drawn
    chance = np.clip(chance, 1e-6, 1 - 1e-6)
    columns = np.column_stack([np.log(chance / (1 - chance)), traits])
    columns = (columns - columns.mean(axis=0)) / np.maximum(columns.std(axis=0), 0.2)  # or a rare trait would throw the balance about
    columns = np.column_stack([np.ones(n), columns])
    leaning = LEAN * columns / np.square(columns).sum(axis=1, keepdims=True)
    first = np.arange(n) if case is None else np.flatnonzero(np.append(True, case[1:] != case[:-1]))
    last = np.append(first[1:], n)
    draw = rng.random(len(first))
    sequence = np.lexsort((rng.random(len(first)),) if order is None else (rng.random(len(first)), order[first]))
    imbalance = np.zeros(columns.shape[1])
    chances, firsts, lasts, draws = chance.tolist(), first.tolist(), last.tolist(), draw.tolist()
    for place in sequence.tolist():
        start, end = firsts[place], lasts[place]
        weights, none = [], 1.0
        for row in range(start, end):
            tilt = min(max(float(imbalance @ leaning[row]), -1.0), 1.0)
            weights.append(chances[row] * math.exp(-tilt))
            none -= chances[row]
            imbalance -= chances[row] * columns[row]
        left = draws[place] * (sum(weights) + max(none, 0.0))
        for row, weight in zip(range(start, end), weights):
            left -= weight
            if left < 0:
                drawn[row] = True
                imbalance += columns[row]
                break
    return drawn


def onset(rng: np.random.Generator, ages: np.ndarray, rates: np.ndarray, frailty: np.ndarray,
          changes: list[tuple[np.ndarray, np.ndarray | float]] = (), order: tuple[np.ndarray, ...] = (), then: tuple[np.ndarray, ...] = (),
          by: float = np.inf) -> np.ndarray:
    """Age at which something first happens, infinite for those to whom it never does.

    The hazard of a child at an age is `rates` (per year, constant between the edges `ages`) times the child's `frailty`, times the factor of each
    of `changes` whose age has been reached.

    Args:
        ages: increasing edges in years, one more than there are rates.
        changes: pairs of the age at which the hazard changes (infinite for never) and the factor by which it does.
        order: keys along which those to whom it happens are spread evenly (see `even_events`); free draws without it.
        then: keys along which the ages are spread.
        by: age by which it must happen to be counted in that.
    """
    cumulative = np.concatenate([[0.0], np.cumsum(np.asarray(rates) * np.diff(ages))])
    if order:
        hazard = -np.log1p(-even_events(rng, -np.expm1(-frailty * np.interp(by, ages, cumulative)), *order, then=then))
    else:
        hazard = rng.exponential(size=len(frailty))
    left = hazard / np.maximum(frailty, 1e-12)  # of the cumulative hazard, until it happens
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
