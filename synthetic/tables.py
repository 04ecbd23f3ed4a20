"""Columns of text held as numbers into a list of the texts that occur: a million cells cost a few megabytes, and a fault is one new number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa

from .days import CALENDAR, calendar_code

_ARROW: dict[int, pa.Array] = {}
SMALL_NUMBERS = np.concatenate([[""], np.arange(-50, 20_000).astype(str)]).astype(object)


class Text:
    """A column of text: `values[codes]`."""

    __slots__ = ("codes", "values")

    def __init__(self, codes: np.ndarray, values: np.ndarray) -> None:
        self.codes, self.values = codes, values

    @classmethod
    def of(cls, texts: Iterable[str]) -> Text:
        """A column of the given texts."""
        codes, values = pd.factorize(np.asarray(texts, dtype=object), use_na_sentinel=False)
        return cls(codes.astype(np.int32), np.asarray(values, dtype=object))

    @classmethod
    def constant(cls, text: str, size: int) -> Text:
        """The same text throughout."""
        return cls(np.zeros(size, dtype=np.int32), np.array([text], dtype=object))

    @classmethod
    def listed(cls, codes: np.ndarray, values: Sequence[str]) -> Text:
        """A column whose texts are `values` at the places `codes`."""
        return cls(np.asarray(codes).astype(np.int32), np.asarray(values, dtype=object))

    @classmethod
    def flag(cls, truth: np.ndarray) -> Text:
        """1 where true, else 0."""
        return cls(np.asarray(truth).astype(np.int32), np.array(["0", "1"], dtype=object))

    @classmethod
    def dates(cls, days: np.ndarray, missing: np.ndarray | None = None) -> Text:
        """Day numbers as 2011-09-03, empty where missing."""
        return cls(calendar_code(days, missing), CALENDAR)

    @classmethod
    def numbers(cls, numbers: np.ndarray, missing: np.ndarray | None = None) -> Text:
        """Whole numbers from -50 to 19,999, empty where missing."""
        codes = np.asarray(numbers, dtype=np.int64) + 51
        return cls((codes if missing is None else np.where(missing, 0, codes)).astype(np.int32), SMALL_NUMBERS)

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, rows: np.ndarray) -> Text:
        """Some of the rows."""
        return Text(self.codes[rows], self.values)

    def copy(self) -> Text:
        """A column that can be changed without changing this one."""
        return Text(self.codes.copy(), self.values)

    def where(self, test: np.ndarray, otherwise: str = "") -> Text:
        """This text where `test` is true, and `otherwise` elsewhere."""
        made = self.copy()
        made.put(np.flatnonzero(~np.asarray(test)), otherwise)
        return made

    def texts(self, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """The texts themselves, as an array of Python strings."""
        return self.values[self.codes[rows]]

    def equals(self, *texts: str) -> np.ndarray:
        """True where the text is one of those given."""
        if len(self.values) > 4 * len(self.codes):
            return np.isin(self.texts(), texts)
        return np.isin(self.values, texts)[self.codes] if len(self.values) else np.zeros(len(self.codes), dtype=bool)

    def filled(self) -> np.ndarray:
        """True where the text is not empty."""
        if self.values is CALENDAR or self.values is SMALL_NUMBERS:
            return self.codes > 0
        return ~self.equals("")

    def put(self, rows: np.ndarray, texts: str | np.ndarray) -> None:
        """Change some rows, in place."""
        if isinstance(texts, str):
            texts = np.array([texts], dtype=object)
            new = np.zeros(len(rows), dtype=np.int64)
        else:
            new, texts = pd.factorize(np.asarray(texts, dtype=object), use_na_sentinel=False)
        if len(rows):
            self.codes[rows] = new + len(self.values)
            self.values = np.concatenate([self.values, np.asarray(texts, dtype=object)])

    def arrow(self) -> pa.DictionaryArray:
        """The column for Arrow."""
        shared = self.values is CALENDAR or self.values is SMALL_NUMBERS
        if shared and id(self.values) not in _ARROW:
            _ARROW[id(self.values)] = pa.array(self.values, pa.string())
        if len(self.values) > len(self.codes):  # most of the texts do not occur
            used, codes = np.unique(self.codes, return_inverse=True)
            return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(self.values[used], pa.string()))
        values = _ARROW[id(self.values)] if shared else pa.array(self.values, pa.string())
        return pa.DictionaryArray.from_arrays(pa.array(self.codes), values)


def join(columns: Sequence[Text]) -> Text:
    """Columns one below the other."""
    values: list[np.ndarray] = []
    offsets: dict[int, int] = {}
    codes, total = [], 0
    for column in columns:
        if id(column.values) not in offsets:
            offsets[id(column.values)] = total
            values.append(column.values)
            total += len(column.values)
        codes.append(column.codes + np.int32(offsets[id(column.values)]))
    return Text(np.concatenate(codes), values[0] if len(values) == 1 else np.concatenate(values))


@dataclass
class Rows:
    """Rows of one table: columns of text that are delivered, and `hidden` numbers (person, year, ...) that are not."""

    columns: dict[str, Text]
    hidden: dict[str, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(next(iter(self.hidden.values()))) if self.hidden else len(next(iter(self.columns.values())))

    def take(self, rows: np.ndarray) -> Rows:
        """Some rows; a mask or positions."""
        if rows.dtype == bool:
            rows = np.flatnonzero(rows)
        return Rows({name: column.take(rows) for name, column in self.columns.items()}, {name: values[rows] for name, values in self.hidden.items()})

    def without(self, *names: str) -> Rows:
        """The rows without some columns."""
        return Rows({name: column for name, column in self.columns.items() if name not in names}, self.hidden)

    def copy(self) -> Rows:
        """Rows whose cells can be changed without changing these."""
        return Rows({name: column.copy() for name, column in self.columns.items()}, {name: values.copy() for name, values in self.hidden.items()})


def stack(parts: Sequence[Rows]) -> Rows:
    """Rows one below the other; all parts have the same columns."""
    first = parts[0]
    return Rows({name: join([part.columns[name] for part in parts]) for name in first.columns},
                {name: np.concatenate([part.hidden[name] for part in parts]) for name in first.hidden})
