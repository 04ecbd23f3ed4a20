"""What is wrong with real files: one table of kinds of dirt, each with its rate, the tables it hits and the function that plants it.

A function works on a `Batch`: the rows of one table of one share in one chunk. It picks cells or rows that no other kind has touched, changes them,
and thereby writes the ledger, one row for each fault: table, key, kind, column, what was there before and what is there now. A fault may take other
cells with it (a row without any id loses PMR, MoJUID and local id); the ledger names the first, and `COMPANIONS` lists the others. Writing a column of
a whole year in another style (`restyle`) is one fault, with the number of cells it reached.

In the first chunk of a world each kind strikes at least once wherever it can strike at all, so that a small sample holds every kind. Rates are
shares of the rows, cells, children or years that the kind can hit; all are assumed. Those of faults that a rule can mend are well above what real
deliveries show, so that the rules have work; those of faults that take a fact away for good (`Dirt.lost` says which) are a twentieth of that, as in
registers that people live by, and `--losses` raises them. The kinds are those
of the extract's description, of the official rules for the returns (their numbers stand with the kind), and of what the public cleaning code for the
same supply had to repair.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from .columns import TABLES, named_by_kind
from .days import CALENDAR, SHORTEST, birthday, iso, year_end
from .streams import Streams
from .tables import Rows, Text, stack

NUL_YEAR = 2004      # the school census with NUL bytes
LATIN_1_YEAR = 2008  # the school census with accented school names in Latin-1

# Columns that name a row in the ledger, those of them that the table has.
KEYS = {
    "cla": ("pmr", "child_la", "child_id", "academic_year", "start_date"), "cin": ("pmr", "la", "child_id", "academic_year", "referral_date", "plan_start"),
    "census": ("pmr", "academic_year", "urn"), "pru": ("pmr", "academic_year"), "ap": ("pmr", "academic_year"), "absence": ("pmr", "academic_year", "urn"),
    "exclusions": ("pmr", "academic_year"), "exclusions_long": ("pmr", "academic_year", "start_date", "category"), "ks2": ("pmr", "academic_year", "natres"),
    "ks4": ("pmr", "academic_year", "natres"), "pnc": ("moj_uid", "record", "offence", "offence_date"), "magistrates": ("moj_uid", "case_id"),
    "crown": ("moj_uid", "case_id"), "custody": ("moj_uid", "reception_date"), "link": ("moj_uid", "pmr"),
}


@dataclass
class Batch:
    """Rows of one table of one share in one chunk, being dirtied."""

    rows: Rows
    table: str
    share: str
    rng: np.random.Generator
    shared: np.random.Generator       # the same in every chunk, for what concerns a whole file
    birth: np.ndarray                 # of each child: day, day of the 18th birthday
    adulthood: np.ndarray
    least: int                        # faults planted at least, where any can be
    kind: str = ""
    rate: float = 0.0
    touched: dict[str, np.ndarray] = field(default_factory=dict)
    twins: np.ndarray | None = None   # rows that must stay as they are, because another is their exact copy
    faults: list[tuple[str, str, np.ndarray, np.ndarray | str, np.ndarray | str, int]] = field(default_factory=list)
    clean: Rows | None = None

    def has(self, *columns: str) -> bool:
        """Whether the table has all of these columns, and any rows."""
        return len(self.rows) > 0 and all(column in self.rows.columns for column in columns)

    def text(self, column: str) -> Text:
        """A column as it is now."""
        return self.rows.columns[column]

    def filled(self, column: str) -> np.ndarray:
        """True where the column exists and is not empty."""
        return self.text(column).filled() if self.has(column) else np.zeros(len(self.rows), dtype=bool)

    def untouched(self, *columns: str) -> np.ndarray:
        """True where these cells are delivered and no fault has changed any of them; without columns, where the whole row is as it was."""
        free = np.ones(len(self.rows), dtype=bool)
        for column in columns:
            spans = [c for c in TABLES[self.table] if c.name == column]
            if spans and not any(c.first_year == 0 and c.last_year == 9999 and not c.absent for c in spans):
                free &= np.array([any(c.is_in(year) for c in spans) for year in range(1990, 2030)])[np.clip(self.years() - 1990, 0, 39)]
        for column in columns or list(self.touched):
            if column in self.touched:
                free &= ~self.touched[column]
        return free

    def pick(self, eligible: np.ndarray, rate: float | None = None) -> np.ndarray:
        """Positions of about a share of the rows that are eligible; at least one of them in the first chunk."""
        where = np.flatnonzero(eligible)
        rate = self.rate if rate is None else rate
        count = min(len(where), max(self.least if rate > 0 else 0, int(np.floor(rate * len(where) + self.rng.random()))))
        return np.sort(self.rng.choice(where, size=count, replace=False)) if count else where[:0]

    def put(self, at: np.ndarray, column: str, texts: str | np.ndarray, kind: str = "") -> None:
        """Change cells and write the ledger."""
        if not len(at):
            return
        cells = self.text(column)
        before = cells.texts(at)
        differs = before != texts  # what is written as it was is no fault
        if not differs.all():
            at, before, texts = at[differs], before[differs], texts if isinstance(texts, str) else texts[differs]
        cells.put(at, texts)
        self.touch(at, column)
        self.note(at, column, before, texts, kind)

    def touch(self, at: np.ndarray, column: str) -> None:
        """Keep other kinds away from these cells."""
        self.touched.setdefault(column, np.zeros(len(self.rows), dtype=bool))[at] = True

    def note(self, at: np.ndarray, column: str, before: np.ndarray | str, after: np.ndarray | str, kind: str = "") -> None:
        """One ledger row for each of these rows."""
        origin = self.rows.hidden["_clean"][at]
        parts = [self.clean.columns[name].texts(origin) for name in KEYS[self.table] if name in self.clean.columns]
        key = parts[0]
        for part in parts[1:]:
            key = key + "|" + part
        self.faults.append((kind or self.kind, column, key, before, after, 1))

    def restyle(self, column: str, year: int, cells: int, before: str, after: str) -> None:
        """One ledger row for a column that is written in another style throughout a year; the parts of several chunks are added up in `making`."""
        if cells:
            self.faults.append((self.kind, column, np.array([f"all of {year}"], dtype=object), before, after, cells))

    def single(self) -> np.ndarray:
        """True for rows that no exact copy stands beside."""
        return np.ones(len(self.rows), dtype=bool) if self.twins is None else ~self.twins

    def append(self, more: Rows, at: np.ndarray, kind: str = "", touched: tuple[str, ...] = ()) -> None:
        """Add rows that repeat rows `at`, changed or not, and write the ledger. Other kinds are kept away from the columns `touched` of the new rows."""
        if not len(at):
            return
        self.note(at, "", "", "row added", kind)
        self.rows = stack([self.rows, more])
        self.touched = {name: np.concatenate([marks, np.full(len(more), name in touched)]) for name, marks in self.touched.items()}

    def years(self) -> np.ndarray:
        """Year of each row."""
        return self.rows.hidden["_year"]


Planter = Callable[[Batch], None]


@dataclass(frozen=True)
class Dirt:
    """One kind of dirt; see the table `DIRT`. `lost` is what nothing in the files can give back; empty where a rule mends the fault."""

    kind: str
    rate: float
    tables: tuple[str, ...]
    plant: Planter
    lost: str = ""


def plant_all(tables: dict[str, Rows], share: str, streams: Streams, people: pd.DataFrame, rates: dict[str, float],
              losses: float = 1.0) -> tuple[dict[str, Rows], pd.DataFrame]:
    """Plant every kind of `DIRT`, in the order of the table, in the tables of one share.

    Args:
        tables: from `reporting.cut_share`.
        people: the chunk's children.
        rates: rates that differ from those of the table, by kind.
        losses: a factor on the rates of the kinds that take a fact away for good.

    Returns:
        The tables with their faults, and the ledger of the faults.
    """
    birth = people["birth"].to_numpy()
    adulthood = birthday(people["birth_year"].to_numpy(), people["birth_month"].to_numpy(), 18)
    dirty, ledgers = {}, []
    for table, rows in tables.items():
        clean = Rows(rows.columns, rows.hidden | {"_clean": np.arange(len(rows))})
        batch = Batch(clean.copy(), table, share, streams.named("none"), streams.shared("none"), birth, adulthood, int(streams.chunk == 0), clean=clean)
        for dirt in DIRT:
            if table in dirt.tables and len(batch.rows):
                batch.kind, batch.rate = dirt.kind, rates.get(dirt.kind, min(1.0, dirt.rate * (losses if dirt.lost else 1.0)))
                if batch.rate > 0:
                    batch.rng = streams.named(f"dirt.{dirt.kind}.{share}.{table}")
                    batch.shared = streams.shared(f"dirt.{dirt.kind}.{share}.{table}")
                    dirt.plant(batch)
        dirty[table] = batch.rows
        ledgers += [(table, *fault) for fault in batch.faults]
    return dirty, ledger_of(ledgers)


LEDGER = ("table", "kind", "column", "key", "before", "after", "cells")


def ledger_of(faults: list[tuple]) -> pd.DataFrame:
    """The ledger: faults are tuples in the order of `LEDGER`, whose fourth part has one text for each row and whose others may be single."""
    counts = [len(fault[3]) for fault in faults]
    columns = {}
    for place, name in enumerate(LEDGER):
        parts = [np.broadcast_to(np.asarray(fault[place], dtype=object), count) for fault, count in zip(faults, counts)]
        columns[name] = np.concatenate(parts) if parts else np.zeros(0, dtype=object)
    return pd.DataFrame(columns, dtype=object)


def days_of(column: Text, at: np.ndarray) -> np.ndarray:
    """Day numbers of cells that hold a plain date."""
    return column.codes[at].astype(np.int64) + SHORTEST - 1


def plain_dates(column: Text) -> np.ndarray:
    """True where a cell holds a date in the usual form."""
    return (column.codes > 0) & (column.codes < len(CALENDAR))


# -- who the child is -------------------------------------------------------------------------------------------------------------------------

def rows_of_some_children(batch: Batch) -> np.ndarray:
    """Some of the rows, about four in ten and at least one, of a share of the children in the table."""
    persons, row_person = np.unique(batch.rows.hidden["_person"], return_inverse=True)
    chosen = np.zeros(len(persons), dtype=bool)
    chosen[batch.pick(np.ones(len(persons), dtype=bool))] = True
    first = ~pd.Series(row_person).duplicated().to_numpy()
    return np.flatnonzero(chosen[row_person] & (first | (batch.rng.random(len(row_person)) < 0.4)))


def conflicting_sex(batch: Batch) -> None:
    """The other sex in some rows of a child (rule 203 for births, the same for sex)."""
    if batch.has("sex"):
        at = rows_of_some_children(batch)
        other = {"1": "2", "2": "1", "M": "F", "F": "M"}
        batch.put(at, "sex", np.array([other[text] for text in batch.text("sex").texts(at)], dtype=object))


def conflicting_ethnicity(batch: Batch) -> None:
    """Another ethnic group in some rows of a child, or none obtained (rule 204)."""
    if batch.has("ethnicity"):
        at = rows_of_some_children(batch)
        batch.put(at, "ethnicity", batch.rng.choice(np.array(["WOTH", "MOTH", "AOTH", "OOTH", "MWBC", "NOBT", "REFU"], dtype=object), len(at)))


def conflicting_birth(batch: Batch) -> None:
    """A neighbouring birth month or year in some rows of a child (rule 203)."""
    if batch.has("birth_year"):
        at = rows_of_some_children(batch)
        month = batch.text("birth_month").texts(at).astype(int) % 12 + 1
        year = batch.text("birth_year").texts(at).astype(int) + 1
        wrong_year = batch.rng.random(len(at)) < 0.3
        batch.put(at[~wrong_year], "birth_month", month[~wrong_year].astype(str).astype(object))
        batch.put(at[wrong_year], "birth_year", year[wrong_year].astype(str).astype(object))


def two_pmrs(batch: Batch) -> None:
    """A local id one of whose rows carries the PMR of another child."""
    if batch.has("child_id"):
        local = pd.Series(batch.rows.hidden["_local"])
        known = pd.Series(batch.filled("pmr"))
        again = known & local.where(known).duplicated()
        one_each = again & ~local.where(again).duplicated()
        at = batch.pick(one_each.to_numpy() & batch.untouched("pmr"))
        pmrs = np.unique(batch.text("pmr").texts(np.flatnonzero(known)).astype(str))
        if len(pmrs) > 1:  # step along the children of the table until it is another child's
            place = np.searchsorted(pmrs, batch.text("pmr").texts(at).astype(str)) + batch.rng.integers(1, len(pmrs), len(at))
            batch.put(at, "pmr", pmrs[place % len(pmrs)].astype(object))


def missing_pmr(batch: Batch) -> None:
    """No PMR on a row of a child who has one."""
    batch.put(batch.pick(batch.filled("pmr") & batch.untouched("pmr")), "pmr", "")


def missing_child_id(batch: Batch) -> None:
    """Neither PMR nor local id: a row that belongs to nobody."""
    if batch.has("child_id"):
        at = batch.pick(batch.filled("child_id") & batch.untouched("pmr", "child_id"))
        batch.put(at, "child_id", "")
        for column in ("pmr", "moj_uid"):
            batch.text(column).put(at, "")
            batch.touch(at, column)


def missing_area(batch: Batch) -> None:
    """No local authority code in one of the columns that hold it."""
    for column in ("la", "child_la", "cin_la"):
        if batch.has(column):
            batch.put(batch.pick(batch.filled(column) & batch.untouched(column)), column, "")


def missing_academic_year(batch: Batch) -> None:
    """No academic year on a row."""
    batch.put(batch.pick(batch.filled("academic_year") & batch.untouched("academic_year")), "academic_year", "")


# -- care and need that cannot be ---------------------------------------------------------------------------------------------------------------

def missing_start(batch: Batch) -> None:
    """No start date on an episode (rule 141)."""
    batch.put(batch.pick(batch.filled("start_date") & batch.untouched("start_date", "end_date")), "start_date", "")


def closed(batch: Batch) -> np.ndarray:
    """True for closed care episodes with both dates whole."""
    return (batch.filled("end_date") & batch.filled("start_date") & ~batch.text("reason_ceased").equals("-10")
            & batch.untouched("start_date", "end_date", "reason_ceased"))


def end_before_start(batch: Batch) -> None:
    """A closed episode that ceases some days before it commences (rule 356)."""
    at = batch.pick(closed(batch))
    batch.put(at, "end_date", iso(days_of(batch.text("start_date"), at) - batch.rng.integers(1, 60, len(at))))
    batch.touch(at, "start_date")


def missing_end(batch: Batch) -> None:
    """A reason ceased without a date (rule 148)."""
    at = batch.pick(closed(batch))
    batch.put(at, "end_date", "")
    batch.touch(at, "start_date")


def missing_reason(batch: Batch) -> None:
    """A date ceased without a reason (rule 148)."""
    at = batch.pick(closed(batch))
    batch.put(at, "reason_ceased", "")
    for column in ("start_date", "end_date"):
        batch.touch(at, column)


def restated_start(batch: Batch) -> None:
    """An episode open since an earlier year, returned with another start than last year (rule 502)."""
    if batch.has("reason_new_episode"):
        carried = plain_dates(batch.text("start_date"))
        carried[carried] = days_of(batch.text("start_date"), np.flatnonzero(carried)) < year_end(batch.years()[carried] - 1) - 30
        at = batch.pick(carried & (batch.years() > 2006) & batch.untouched("start_date", "end_date", "poc_start", "reason_ceased"))
        batch.put(at, "start_date", iso(days_of(batch.text("start_date"), at) + batch.rng.integers(1, 20, len(at))))
        batch.touch(at, "end_date")


def episode_after_death(batch: Batch) -> None:
    """An episode that ceased because the child died, although the period goes on (rule 437)."""
    if batch.has("reason_new_episode"):
        at = batch.pick(closed(batch) & batch.text("reason_ceased").equals("X1"))
        batch.put(at, "reason_ceased", "E2")
        for column in ("start_date", "end_date"):
            batch.touch(at, column)


def abolished_status(batch: Batch) -> None:
    """Freed for adoption (D1) in years when that was no longer possible (rules 445, 451)."""
    batch.put(batch.pick(batch.text("legal_status").equals("E1") & (batch.years() >= 2008) & batch.untouched("legal_status")), "legal_status", "D1")


def overlapping_episode(batch: Batch) -> None:
    """An episode that ceases some days after the next one has commenced (rule 501)."""
    if batch.has("reason_new_episode"):
        at = batch.pick(closed(batch) & batch.text("reason_ceased").equals("X1"))
        later = days_of(batch.text("end_date"), at) + batch.rng.integers(1, 12, len(at))
        batch.put(at, "end_date", iso(np.minimum(later, year_end(batch.years()[at]))))


def false_gap(batch: Batch) -> None:
    """An episode that ceases some days before the one that continues it commences (rule 433)."""
    if batch.has("reason_new_episode"):
        lasts = plain_dates(batch.text("end_date")) & plain_dates(batch.text("start_date"))
        lasts[lasts] = batch.text("end_date").codes[lasts] - batch.text("start_date").codes[lasts] > 30
        at = batch.pick(closed(batch) & batch.text("reason_ceased").equals("X1") & lasts)
        batch.put(at, "end_date", iso(days_of(batch.text("end_date"), at) - batch.rng.integers(1, 15, len(at))))
        batch.touch(at, "start_date")


def left_open(batch: Batch) -> None:
    """An episode that is said to be open still although the next one of its period has begun (rule 142)."""
    if batch.has("reason_new_episode"):
        at = batch.pick(closed(batch) & batch.text("reason_ceased").equals("X1"))
        batch.put(at, "reason_ceased", "-10")
        batch.text("end_date").put(at, "")
        batch.touch(at, "end_date")
        batch.touch(at, "start_date")


def too_young(batch: Batch) -> None:
    """A placement or a legal status below the age from which it is possible (rules 358, 370 to 374)."""
    age = np.clip(batch.years() - 1970, 0, None) * 365 - batch.birth[batch.rows.hidden["_person"]]
    for column, code in (("placement", "P2"), ("legal_status", "J1")):
        at = batch.pick(batch.filled(column) & (age < 9 * 365) & batch.untouched(column, "legal_status", "placement"))
        batch.put(at, column, code)


def wrong_reason_new_episode(batch: Batch) -> None:
    """A reason for a new episode that does not fit what changed (rules 434 to 436)."""
    if batch.has("reason_new_episode"):
        at = batch.pick(batch.text("reason_new_episode").equals("P", "L") & batch.untouched("reason_new_episode"))
        was = batch.text("reason_new_episode").equals("P")[at]
        batch.put(at, "reason_new_episode", np.where(was, "L", "P").astype(object))


def missing_flag(batch: Batch) -> None:
    """A flag left blank: no further action, unaccompanied."""
    for column in ("nfa", "uasc"):
        if batch.has(column):
            batch.put(batch.pick(batch.filled(column) & batch.untouched(column)), column, "")


def plan_before_referral(batch: Batch) -> None:
    """A protection plan that begins before the child was referred (rule 1105)."""
    if batch.has("plan_start", "referral_date"):
        at = batch.pick(batch.filled("plan_start") & batch.filled("referral_date") & batch.untouched("plan_start", "referral_date"))
        batch.put(at, "plan_start", iso(days_of(batch.text("referral_date"), at) - batch.rng.integers(1, 40, len(at))))
        batch.touch(at, "referral_date")


def plan_ends_before_start(batch: Batch) -> None:
    """A protection plan that ends before it begins (rule 8935)."""
    if batch.has("plan_start", "plan_end"):
        at = batch.pick(batch.filled("plan_start") & batch.filled("plan_end") & batch.untouched("plan_start", "plan_end"))
        batch.put(at, "plan_end", iso(days_of(batch.text("plan_start"), at) - batch.rng.integers(1, 60, len(at))))
        batch.touch(at, "plan_start")


def need_changed_in_period(batch: Batch) -> None:
    """Another category of need inside a period of care (rule 504)."""
    at = batch.pick(batch.filled("need") & batch.untouched("need"))
    batch.put(at, "need", np.where(batch.text("need").equals("N1")[at], "N5", "N1").astype(object))


def parents_under_section_20(batch: Batch) -> None:
    """Placed with parents while accommodated by agreement, which cannot be (rule 378)."""
    at = batch.pick(batch.text("legal_status").equals("V2") & batch.untouched("legal_status", "placement"))
    batch.put(at, "placement", "P1")


def early_period_start(batch: Batch) -> None:
    """A period of care that is said to start before the first episode held (UCL: dates up to 2003)."""
    at = batch.pick(plain_dates(batch.text("poc_start")) & batch.untouched("poc_start", "start_date") & (batch.years() <= 2009))
    earlier = days_of(batch.text("poc_start"), at) - batch.rng.integers(10, 200, len(at))
    birth = batch.birth[batch.rows.hidden["_person"][at]]
    batch.put(at, "poc_start", iso(np.maximum(earlier, birth)))


def resent_closed(batch: Batch) -> None:
    """A closed episode that is sent once more with the next year's return."""
    if batch.has("child_id"):
        at = batch.pick(closed(batch) & batch.untouched() & (batch.years() < 2021))
        again = batch.rows.take(at)
        again.columns["academic_year"] = Text.of([f"{y}/{y + 1}" for y in batch.years()[at]])
        again.columns["processing_year"] = Text.numbers(batch.years()[at] + 1)
        again.hidden["_year"] = batch.years()[at] + 1
        batch.append(again, at)


def start_after_return_year(batch: Batch) -> None:
    """An open episode that starts after the year it is returned for (rule 354)."""
    at = batch.pick(batch.filled("start_date") & batch.text("reason_ceased").equals("-10") & batch.untouched("start_date", "end_date"))
    batch.put(at, "start_date", iso(year_end(batch.years()[at]) + batch.rng.integers(1, 90, len(at))))
    batch.text("end_date").put(at, "")
    batch.touch(at, "end_date")


def outside_childhood(batch: Batch) -> None:
    """Contact long before birth or from the 18th birthday on (rules 302, 352; 8606)."""
    dated = {"cla": "start_date", "cin": "referral_date"}[batch.table]
    if batch.has(dated):
        at = batch.pick(batch.filled(dated) & batch.untouched(dated, "end_date"))
        before = batch.rng.random(len(at)) < 0.5
        before[:2] = [True, False][:len(before)]
        person = batch.rows.hidden["_person"][at]
        wrong = np.where(before, batch.birth[person] - batch.rng.integers(300, 500, len(at)), batch.adulthood[person] + batch.rng.integers(0, 300, len(at)))
        batch.put(at, dated, iso(wrong))
    else:  # without dates only the ages and the year tell
        at = batch.pick(batch.untouched("age_start"))
        batch.put(at, "age_start", batch.rng.choice(np.array(["18", "19", "21"], dtype=object), len(at)))
        batch.text("age_end").put(at, "21")
        batch.touch(at, "age_end")


def closure_before_referral(batch: Batch) -> None:
    """A case closed before it was referred (rule 8608)."""
    if batch.has("closure_date"):
        at = batch.pick(batch.filled("closure_date") & batch.filled("referral_date") & batch.untouched("closure_date", "referral_date"))
        batch.put(at, "closure_date", iso(days_of(batch.text("referral_date"), at) - batch.rng.integers(1, 60, len(at))))
        batch.touch(at, "referral_date")


def nfa_and_need(batch: Batch) -> None:
    """No further action on a referral that was assessed: the two disagree (rule 8569)."""
    at = batch.pick(batch.text("nfa").equals("0") & batch.filled("closure_reason") & batch.untouched("nfa"))
    batch.put(at, "nfa", "1")


def plan_after_closure(batch: Batch) -> None:
    """A protection plan that begins after the case was closed (rule 8832)."""
    if batch.has("plan_start"):
        at = batch.pick(batch.filled("plan_start") & batch.filled("closure_date") & batch.untouched("plan_start", "closure_date"))
        batch.put(at, "plan_start", iso(days_of(batch.text("closure_date"), at) + batch.rng.integers(1, 40, len(at))))
        batch.touch(at, "closure_date")


def sentinel_dates(batch: Batch) -> None:
    """1800-01-01 or 1900-01-01 where a date is not known."""
    for column in named_by_kind(batch.table, "date"):
        if batch.has(column):
            at = batch.pick(batch.untouched(column))
            batch.put(at, column, batch.rng.choice(np.array(["1800-01-01", "1900-01-01"], dtype=object), len(at)))


# -- rows that repeat -------------------------------------------------------------------------------------------------------------------------

def corrected_row(batch: Batch) -> None:
    """A row sent again for the same year with something put right: another end or placement (care), another need or closure (in need)."""
    at = batch.pick(batch.untouched())
    again = batch.rows.take(at).copy()
    n = np.arange(len(at))
    if batch.table == "cla":
        ended = np.flatnonzero(~again.columns["reason_ceased"].equals("-10") & again.columns["end_date"].filled())
        days = days_of(again.columns["end_date"], ended) + batch.rng.integers(0, 5, len(ended))
        again.columns["end_date"].put(ended, iso(days) if len(ended) else "")
        other = batch.rng.choice(np.array(["K2", "P1", "Z1"], dtype=object), len(n))
        again.columns["placement"].put(n, np.where(again.columns["placement"].texts() == other, "R1", other).astype(object))
    else:
        other = batch.rng.choice(np.array(["N1", "N4", "N5", "N9"], dtype=object), len(n))
        again.columns["need"].put(n, np.where(again.columns["need"].texts() == other, "N3", other).astype(object))
        again.columns["closure_reason"].put(n, batch.rng.choice(np.array(["RC7", "RC8", ""], dtype=object), len(n)))
    batch.append(again, at)


def dual_registration(batch: Batch) -> None:
    """A pupil on the roll of two schools: main (M) in one, subsidiary (S) in the other, at times in another authority."""
    at = batch.pick(batch.untouched() & batch.untouched("enrol_status", "urn"))
    other = batch.rows.take(at).copy()
    n = np.arange(len(at))
    batch.text("enrol_status").put(at, "M")
    batch.touch(at, "enrol_status")
    other.columns["enrol_status"].put(n, "S")
    other.columns["urn"].put(n, np.where(batch.rng.random(len(n)) < 0.5, "998001", "998002").astype(object))
    elsewhere = np.flatnonzero(batch.rng.random(len(n)) < 0.2)
    areas = np.unique(batch.text("la").values.astype(str))
    other.columns["la"].put(elsewhere, batch.rng.choice(areas[areas != ""].astype(object), len(elsewhere)))
    batch.touch(at, "urn")
    batch.append(other, at, touched=("enrol_status", "urn"))


def exact_duplicate(batch: Batch) -> None:
    """The same row twice."""
    at = batch.pick(batch.untouched())
    before = len(batch.rows)
    batch.append(batch.rows.take(at), at)
    batch.twins = np.arange(len(batch.rows)) >= before
    batch.twins[at] = True


def repeated_permanent(batch: Batch) -> None:
    """A permanent exclusion reported twice, with the same start date."""
    if batch.table == "exclusions_long":
        at = batch.pick(batch.text("category").equals("PERM") & batch.untouched())
        again = batch.rows.take(at).copy()
        again.columns["reason"].put(np.arange(len(at)), "OT")
        batch.append(again, at)
    else:
        at = batch.pick(batch.text("category_1").equals("PERM") & batch.text("category_2").equals("") & batch.untouched())
        for name in ("category", "start_date", "nc_year", "term"):
            batch.text(f"{name}_2").put(at, batch.text(f"{name}_1").texts(at))
        batch.put(at, "reason_2", "OT")


# -- school, justice --------------------------------------------------------------------------------------------------------------------------

def impossible_sessions(batch: Batch) -> None:
    """More sessions in the year than a school has."""
    at = batch.pick(batch.untouched("possible_annual"))
    batch.put(at, "possible_annual", batch.rng.choice(np.array(["760", "999", "1520"], dtype=object), len(at)))


def more_absence_than_sessions(batch: Batch) -> None:
    """More sessions missed than were possible."""
    at = batch.pick(batch.filled("overall_annual") & batch.untouched("possible_annual", "overall_annual"))
    batch.put(at, "overall_annual", "600")


def missing_sessions(batch: Batch) -> None:
    """A fixed-period exclusion without its number of sessions."""
    column = "sessions" if batch.table == "exclusions_long" else "sessions_1"
    batch.put(batch.pick(batch.filled(column) & batch.untouched(column)), column, "")


def offence_before_ten(batch: Batch) -> None:
    """An offence below the age of criminal responsibility among the real ones of an occasion: somebody else's, entered under this id."""
    at = batch.pick(plain_dates(batch.text("offence_date")) & batch.untouched("offence_date", "offence_age", "sentence_date"))
    age = batch.rng.integers(4, 10, len(at))
    more = batch.rows.take(at).copy()
    every = np.arange(len(at))
    more.columns["offence_date"].put(every, iso(batch.birth[batch.rows.hidden["_person"][at]] + age * 366 + 30))
    more.columns["offence_age"].put(every, age.astype(str).astype(object))
    batch.append(more, at, touched=("offence_date", "offence_age", "sentence_date"))


def sentence_before_offence(batch: Batch) -> None:
    """A sentence that comes before the offence."""
    at = batch.pick(batch.untouched("offence_date", "sentence_date"))
    batch.put(at, "sentence_date", iso(days_of(batch.text("offence_date"), at) - batch.rng.integers(5, 200, len(at))))
    batch.touch(at, "offence_date")


def other_country(batch: Batch) -> None:
    """An offence outside England and Wales among those of an occasion."""
    at = batch.pick(batch.untouched("country"))
    more = batch.rows.take(at).copy()
    more.columns["country"].put(np.arange(len(at)), batch.rng.choice(np.array(["Scotland", "Northern Ireland", "Foreign"], dtype=object), len(at)))
    batch.append(more, at, touched=("country",))


def missing_offence_date(batch: Batch) -> None:
    """No offence date: only the sentence date tells when."""
    batch.put(batch.pick(batch.untouched("offence_date", "sentence_date")), "offence_date", "")


def missing_disposal(batch: Batch) -> None:
    """An offence without its disposal: nothing tells how it ended."""
    at = batch.pick(batch.filled("disposal_code") & batch.untouched("disposal_code", "disposal"))
    batch.put(at, "disposal_code", "")
    batch.text("disposal").put(at, "")
    batch.touch(at, "disposal")


def repeated_offence(batch: Batch) -> None:
    """An offence recorded twice on the same occasion, in two disposals of the same kind."""
    at = batch.pick(batch.untouched() & batch.filled("offence_date") & batch.text("disposal").equals("REFERRAL ORDER", "FINE", "COMMUNITY ORDER"))
    again = batch.rows.take(at).copy()
    again.columns["disposal"].put(np.arange(len(at)), "CONDITIONAL DISCHARGE")
    again.columns["disposal_code"].put(np.arange(len(at)), "9012")
    batch.append(again, at)


def dates_turned_round(batch: Batch) -> None:
    """A case that was over before its first hearing; a prisoner released before reception."""
    first, last = {"custody": ("reception_date", "release_date")}.get(batch.table, ("hearing_date", "completion_date"))
    at = batch.pick(batch.filled(last) & batch.untouched(first, last))
    batch.put(at, last, iso(days_of(batch.text(first), at) - batch.rng.integers(1, 90, len(at))))
    batch.touch(at, first)


# -- codes ------------------------------------------------------------------------------------------------------------------------------------

# Written for the right code in files: table, column, right code, what is found. After the public cleaning code for the same supply.
JUNK = (
    ("cin", "need", "N2", "A2"), ("cin", "need", "N3", "A3"), ("cin", "need", "N4", "A4"), ("cin", "need", "N5", "A5"),
    ("cin", "need", "N0", "NO"), ("cin", "need", "N0", "n0"), ("cin", "need", "N1", "n1"),
    ("cin", "closure_reason", "RC8", "NFA"), ("cin", "closure_reason", "RC8", "No"), ("cin", "closure_reason", "RC8", "NON"),
    ("cin", "closure_reason", "RC8", "NONE"), ("cin", "closure_reason", "RC7", "rc7"),
    ("cla", "reason_new_episode", "P", "P "), ("cla", "legal_status", "C2", "c2"), ("cla", "placement", "Q2", "q2 "),
    ("census", "sen", "P", "P "), ("census", "ethnicity", "WBRI", "wbri"),
    ("exclusions_long", "category", "FIXD", "Fixd"), ("exclusions_long", "category", "PERM", "LPERM"), ("ks2", "english", "4", "4 "),
)
UNKNOWN = {
    "cla": {"placement": "XX", "legal_status": "Z9", "reason_ceased": "E99", "need": "N99"},
    "cin": {"need": "UNMAPPEDNEEDCODE", "closure_reason": "RC99", "category": "ZZZ", "sex": "9"},
    "census": {"ethnicity": "ZZZZ", "sen": "?", "enrol_status": "Q", "sex": "U"},
    "pru": {"sen": "?"}, "ap": {"sen": "?"}, "exclusions": {"reason_1": "ZZ"}, "exclusions_long": {"reason": "ZZ"}, "ks2": {"maths": "Z"},
    "pnc": {"disposal_code": "0000"}, "magistrates": {"outcome": "UNKNOWN"}, "crown": {"outcome": "UNKNOWN"}, "custody": {"reception_type": "UNKNOWN"},
}


def junk_codes(batch: Batch) -> None:
    """Known slips in the writing of codes, as listed in `JUNK`."""
    for where, column, right, found in JUNK:
        if where == batch.table and batch.has(column):
            share = 0.2 if batch.table == "census" else 1
            batch.put(batch.pick(batch.text(column).equals(right) & batch.untouched(column), batch.rate * share), column, found)


def unknown_codes(batch: Batch) -> None:
    """Codes that no list knows."""
    for column, code in UNKNOWN[batch.table].items():
        if batch.has(column):
            share = 0.2 if batch.table == "census" else 1
            batch.put(batch.pick(batch.filled(column) & batch.untouched(column), batch.rate * share), column, code)


def restyled_codes(batch: Batch) -> None:
    """Right codes in lower case, or with spaces round them."""
    for column in named_by_kind(batch.table, "code"):
        if batch.has(column):
            at = batch.pick(batch.filled(column) & batch.untouched(column))
            texts = batch.text(column).texts(at)
            has_letter = np.array([text != text.lower() for text in texts], dtype=bool)
            style = np.where(has_letter, batch.rng.integers(0, 3, len(at)), batch.rng.integers(1, 3, len(at)))
            batch.put(at, column, np.array([(v.lower(), v + "  ", " " + v)[s] for v, s in zip(texts, style)], dtype=object))


# -- how values are written -------------------------------------------------------------------------------------------------------------------

FLAGS = ({"1": "1.0", "0": "0.0"}, {"1": "True", "0": "False"}, {"1": "Y", "0": "N"})
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
UNREADABLE = ("31/02/2010", "2010-13-45", "not known", "00/00/0000")
ALL_YEARS = {"cla": (2006, 2021), "cin": (2009, 2021), "census": (2002, 2021), "ks4": (2005, 2021)}


def respell_date(date: str, style: int) -> str:
    """`2011-09-03` as 03/09/2011 (style 0), 03SEP2011 (1) or with a time of day (2)."""
    year, month, day_of_month = date.split("-")
    return (f"{day_of_month}/{month}/{year}", f"{day_of_month}{MONTHS[int(month) - 1]}{year}", f"{date} 00:00:00")[style]


_RESPELLED: list[np.ndarray] = []


def respelled_calendars() -> list[np.ndarray]:
    """The calendar in each of the other forms."""
    if not _RESPELLED:
        _RESPELLED.extend(np.array(["", *(respell_date(text, style) for text in CALENDAR[1:])], dtype=object) for style in range(3))
    return _RESPELLED


def years_of_files(batch: Batch) -> np.ndarray:
    """The years that the table of this share covers, the same in every chunk."""
    first, last = ALL_YEARS[batch.table]
    return np.arange(first, min(last, 2018 if batch.share == "first" else 9999) + 1)


def flag_spellings(batch: Batch) -> None:
    """Flags written 1.0, True or Y throughout some years, each spelling at least once."""
    years = batch.shared.permutation(years_of_files(batch))
    for number, year in enumerate(years[:max(len(FLAGS), round(batch.rate * len(years)))]):
        spelling = FLAGS[number % len(FLAGS)]
        in_year = batch.years() == year
        for column in named_by_kind(batch.table, "flag"):
            if batch.has(column):
                cells = batch.text(column)
                at = np.flatnonzero(in_year & cells.equals("1", "0") & batch.untouched(column))
                cells.put(at, np.array([spelling["0"], spelling["1"]], dtype=object)[cells.equals("1")[at].astype(int)])
                batch.restyle(column, int(year), len(at), "1 or 0", f"{spelling['1']} or {spelling['0']}")


def year_spellings(batch: Batch) -> None:
    """Academic years written 2005/06 or 200506."""
    at = batch.pick(batch.filled("academic_year") & batch.untouched("academic_year"))
    values = batch.text("academic_year").texts(at)
    short = batch.rng.random(len(at)) < 0.5
    short[:2] = [True, False][:len(short)]
    batch.put(at, "academic_year", np.array([v[:5] + v[7:] if s else v[:4] + v[7:] for v, s in zip(values, short)], dtype=object))


def date_spellings(batch: Batch) -> None:
    """Dates in another form throughout some years."""
    calendars = respelled_calendars()
    years = years_of_files(batch) if batch.table in ALL_YEARS else np.arange(2000, 2022)
    odd = batch.shared.choice(years, size=max(1, round(batch.rate * len(years))), replace=False)
    styles = np.resize(batch.shared.permutation(3), len(odd))
    for column in named_by_kind(batch.table, "date"):
        if batch.has(column):
            cells = batch.text(column)
            if not holds_calendar(cells):
                continue
            free = plain_dates(cells) & batch.untouched(column)
            first = len(cells.values)
            cells.values = np.concatenate([cells.values, *calendars])
            for year, style in zip(odd.tolist(), styles.tolist()):
                at = np.flatnonzero(free & (batch.years() == year))
                cells.codes[at] += np.int32(first + style * len(CALENDAR))
                batch.restyle(column, year, len(at), "2011-09-03", respell_date("2011-09-03", style))


def odd_dates(batch: Batch) -> None:
    """Single dates in another form than those about them."""
    calendars = respelled_calendars()
    for column in named_by_kind(batch.table, "date"):
        if batch.has(column) and holds_calendar(batch.text(column)):
            at = batch.pick(plain_dates(batch.text(column)) & batch.untouched(column) & batch.single())
            batch.put(at, column, np.stack(calendars)[batch.rng.integers(0, 3, len(at)), batch.text(column).codes[at]])


def holds_calendar(column: Text) -> bool:
    """Whether cells of a column may hold dates of the calendar."""
    return len(column.values) >= len(CALENDAR) and column.values[1] == CALENDAR[1]


def unreadable_dates(batch: Batch) -> None:
    """Text that is no date."""
    for column in named_by_kind(batch.table, "date"):
        if batch.has(column):
            at = batch.pick(plain_dates(batch.text(column)) & batch.untouched(column))
            batch.put(at, column, batch.rng.choice(np.array(UNREADABLE, dtype=object), len(at)))


def decimal_numbers(batch: Batch) -> None:
    """Whole numbers written as 3.0."""
    for column in ("birth_year", "birth_month", "poc_length", "age_start", "age_end", "previous_plans", "sessions", "offence_age", "possible_annual"):
        if batch.has(column):
            at = batch.pick(batch.filled(column) & batch.untouched(column))
            batch.put(at, column, batch.text(column).texts(at) + ".0")


def blank_spellings(batch: Batch) -> None:
    """Missing values as one space or several instead of nothing."""
    for column in list(batch.rows.columns):
        at = batch.pick(batch.text(column).equals("") & batch.untouched(column) & batch.single())
        batch.put(at, column, np.array([" ", "    "], dtype=object)[batch.rng.integers(0, 2, len(at))])


# -- links and bytes --------------------------------------------------------------------------------------------------------------------------

def many_to_many_links(batch: Batch) -> None:
    """A second MoJUID for a PMR, and a second PMR for a MoJUID."""
    at = batch.pick(np.ones(len(batch.rows), dtype=bool))
    more = batch.rows.take(at).copy()
    more.columns["moj_uid"].put(np.arange(len(at)), np.array([f"9{text[1:]}" for text in more.columns["moj_uid"].texts()], dtype=object))
    count = len(batch.rows)
    others = batch.pick(np.ones(count, dtype=bool))
    more_pmrs = batch.rows.take(others).copy()
    more_pmrs.columns["pmr"].put(np.arange(len(others)), batch.text("pmr").texts((others + batch.rng.integers(1, max(count, 2), len(others))) % count))
    batch.append(more, at, "second_moj_uid")
    batch.append(more_pmrs, others, "second_pmr")


def ambiguous_link(batch: Batch) -> None:
    """A second PMR for a MoJUID that no other table pairs with the first: nothing tells which is right."""
    at = batch.pick(batch.rows.hidden["_quiet"].astype(bool) & batch.filled("moj_uid") & batch.untouched("moj_uid", "pmr"))
    more = batch.rows.take(at).copy()
    count = len(batch.rows)
    more.columns["pmr"].put(np.arange(len(at)), batch.text("pmr").texts((at + batch.rng.integers(1, max(count, 2), len(at))) % count))
    batch.touch(at, "pmr")
    batch.append(more, at)


def blank_links(batch: Batch) -> None:
    """A link row without its MoJUID or without its PMR."""
    for column in ("moj_uid", "pmr"):
        batch.put(batch.pick(batch.filled(column) & batch.untouched("moj_uid", "pmr")), column, "")


def nul_bytes(batch: Batch) -> None:
    """A NUL byte after some values of one census year."""
    for column in ("ethnicity", "sen", "lsoa"):
        at = batch.pick(batch.filled(column) & (batch.years() == NUL_YEAR) & batch.untouched(column))
        batch.put(at, column, np.array([f"{text}\x00" for text in batch.text(column).texts(at)], dtype=object))  # numpy drops a NUL at the end of its own texts


def latin_1_bytes(batch: Batch) -> None:
    """Accents in the school names of one census year, whose file is written in Latin-1."""
    accented = {"St Chloe": "St Chlo\u00eb", "Cafe Road": "Caf\u00e9 Road"}
    at = batch.pick(batch.text("school_name").equals(*accented) & (batch.years() == LATIN_1_YEAR))
    batch.put(at, "school_name", np.array([accented[text] for text in batch.text("school_name").texts(at)], dtype=object))


def malformed_lines(lines: list[bytes], delimiter: bytes, rng: np.random.Generator, rate: float, least: int) -> tuple[list[bytes], list[tuple[str, bytes]]]:
    """Cut some lines short and put a stray delimiter into others (two lines are needed).

    Returns:
        The lines, and kind and former text of each that was broken.
    """
    count = min(max(least, int(rate * len(lines) + rng.random())) if rate > 0 else 0, len(lines) // 2)
    lines, broken = list(lines), []
    chosen = rng.choice(len(lines), size=2 * count, replace=False).tolist() if count else []
    for number, place in enumerate(chosen):
        fields = lines[place].split(delimiter)
        broken.append(("short" if number < count else "long", lines[place]))
        fields = fields[:max(1, len(fields) - 3)] if number < count else [*fields[:len(fields) // 2], b"?", *fields[len(fields) // 2:]]
        lines[place] = delimiter.join(fields)
    return lines, broken


CARE = ("cla", "cin")
ROWS = ("cla", "cin", "census")
SCHOOL = ("pru", "ap", "absence", "exclusions", "exclusions_long", "ks2", "ks4")
JUSTICE = ("pnc", "magistrates", "crown", "custody")

DIRT = (
    Dirt("conflicting_sex", 0.010, (*ROWS, "pru"), conflicting_sex),
    Dirt("conflicting_ethnicity", 0.040, (*ROWS, "pru"), conflicting_ethnicity),
    Dirt("conflicting_birth", 0.00075, (*ROWS, "pru"), conflicting_birth,
         "the birth of a child whose returns are few: the wrong month may have the most votes"),
    Dirt("two_pmrs", 0.001, CARE, two_pmrs,
         "whose row it is: such a local id is left as delivered"),
    Dirt("missing_pmr", 0.030, CARE, missing_pmr),
    Dirt("missing_school_pmr", 0.00015, ("census", *SCHOOL), missing_pmr,
         "whose row it is: no local id leads back to the pupil"),
    Dirt("missing_child_id", 0.0003, CARE, missing_child_id,
         "whose row it is"),
    Dirt("missing_area", 0.004, ROWS, missing_area),
    Dirt("missing_academic_year", 0.00015, (*ROWS, *SCHOOL), missing_academic_year,
         "the year of a row that no date or key stage places"),
    Dirt("missing_start", 0.004, ("cla",), missing_start),
    Dirt("end_before_start", 0.008, ("cla",), end_before_start),
    Dirt("missing_end", 0.003, ("cla",), missing_end),
    Dirt("missing_reason", 0.003, ("cla",), missing_reason),
    Dirt("restated_start", 0.003, ("cla",), restated_start),
    Dirt("episode_after_death", 0.002, ("cla",), episode_after_death),
    Dirt("abolished_status", 0.010, ("cla",), abolished_status),
    Dirt("overlapping_episode", 0.004, ("cla",), overlapping_episode),
    Dirt("false_gap", 0.004, ("cla",), false_gap),
    Dirt("left_open", 0.003, ("cla",), left_open),
    Dirt("too_young", 0.002, ("cla",), too_young),
    Dirt("wrong_reason_new_episode", 0.004, ("cla",), wrong_reason_new_episode),
    Dirt("missing_flag", 0.005, CARE, missing_flag),
    Dirt("plan_before_referral", 0.0002, ("cin",), plan_before_referral,
         "when the plan began"),
    Dirt("plan_ends_before_start", 0.004, ("cin",), plan_ends_before_start),
    Dirt("need_changed_in_period", 0.006, ("cla",), need_changed_in_period),
    Dirt("parents_under_section_20", 0.010, ("cla",), parents_under_section_20),
    Dirt("early_period_start", 0.020, ("cla",), early_period_start),
    Dirt("start_after_return_year", 0.004, ("cla",), start_after_return_year),
    Dirt("outside_childhood", 0.0003, CARE, outside_childhood,
         "when the episode or referral began, where no period of care tells"),
    Dirt("closure_before_referral", 0.008, ("cin",), closure_before_referral),
    Dirt("nfa_and_need", 0.004, ("cin",), nfa_and_need),
    Dirt("plan_after_closure", 0.010, ("cin",), plan_after_closure),
    Dirt("resent_closed", 0.010, ("cla",), resent_closed),
    Dirt("corrected_row", 0.010, CARE, corrected_row),
    Dirt("dual_registration", 0.012, ("census",), dual_registration),
    Dirt("repeated_permanent", 0.050, ("exclusions", "exclusions_long"), repeated_permanent),
    Dirt("impossible_sessions", 0.002, ("absence",), impossible_sessions),
    Dirt("more_absence_than_sessions", 0.001, ("absence",), more_absence_than_sessions),
    Dirt("missing_sessions", 0.0005, ("exclusions", "exclusions_long"), missing_sessions,
         "how long the exclusion lasted"),
    Dirt("offence_before_ten", 0.003, ("pnc",), offence_before_ten),
    Dirt("sentence_before_offence", 0.00015, ("pnc",), sentence_before_offence,
         "the day of sentence, where no other row of the record tells"),
    Dirt("other_country", 0.010, ("pnc",), other_country),
    Dirt("missing_offence_date", 0.00025, ("pnc",), missing_offence_date,
         "the day of the offence"),
    Dirt("missing_disposal", 0.0002, ("pnc",), missing_disposal,
         "what the sentence was"),
    Dirt("repeated_offence", 0.006, ("pnc",), repeated_offence),
    Dirt("dates_turned_round", 0.00025, ("magistrates", "crown", "custody"), dates_turned_round,
         "the day on which the case or the custody ended"),
    Dirt("junk_codes", 0.050, (*ROWS, "exclusions_long", "ks2"), junk_codes),
    Dirt("restyled_codes", 0.010, (*ROWS, "pru", "ap", "exclusions_long", "ks2"), restyled_codes),
    Dirt("unknown_codes", 0.00015, tuple(UNKNOWN), unknown_codes,
         "what the code stood for, where no words stand beside it"),
    Dirt("sentinel_dates", 0.00015, (*ROWS, "exclusions_long", *JUSTICE), sentinel_dates,
         "the day, where no other row or column tells"),
    Dirt("unreadable_dates", 0.0001, (*ROWS, *JUSTICE), unreadable_dates,
         "the day, where no other row or column tells"),
    Dirt("flag_spellings", 0.250, (*ROWS, "ks4"), flag_spellings),
    Dirt("year_spellings", 0.060, (*ROWS, *SCHOOL), year_spellings),
    Dirt("decimal_numbers", 0.020, (*ROWS, "absence", "exclusions_long", "pnc"), decimal_numbers),
    Dirt("many_to_many_links", 0.030, ("link",), many_to_many_links),
    Dirt("ambiguous_link", 0.050, ("link",), ambiguous_link),
    Dirt("blank_links", 0.00075, ("link",), blank_links,
         "the link, where it stands in the link file alone"),
    Dirt("nul_bytes", 0.005, ("census",), nul_bytes),
    Dirt("latin_1_bytes", 0.100, ("census",), latin_1_bytes),
    Dirt("exact_duplicate", 0.006, (*ROWS, "link", *SCHOOL, *JUSTICE), exact_duplicate),
    Dirt("date_spellings", 0.120, (*ROWS, "exclusions_long", *JUSTICE), date_spellings),
    Dirt("odd_dates", 0.010, (*ROWS, "exclusions_long", *JUSTICE), odd_dates),
    Dirt("blank_spellings", 0.010, (*ROWS, "link", "absence", "exclusions_long", *JUSTICE), blank_spellings),
)
RESTYLED = ("flag_spellings", "date_spellings")  # kinds that write a column of a whole year in another style
# Cells that a fault changes besides the one that the ledger names: kind, column of the ledger, others.
COMPANIONS = (
    ("missing_child_id", "child_id", ("pmr", "moj_uid")), ("start_after_return_year", "start_date", ("end_date",)), ("left_open", "reason_ceased", ("end_date",)),
    ("outside_childhood", "age_start", ("age_end",)), ("dual_registration", "", ("enrol_status",)),
    ("missing_disposal", "disposal_code", ("disposal",)), ("repeated_permanent", "reason_2", ("category_2", "start_date_2", "nc_year_2", "term_2")),
)
MALFORMED = "malformed_lines"
MALFORMED_RATE = 0.0001            # of lines that are short, and as many that are long; at least one each in a file of the first chunk
MALFORMED_TABLES = CARE            # files whose lines are broken
MALFORMED_CENSUS_YEARS = (2011,)
KINDS = tuple(dirt.kind for dirt in DIRT) + (MALFORMED,)
