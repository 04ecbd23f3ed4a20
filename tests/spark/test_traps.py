"""What DuckDB and Spark answer differently, and the form of it that the project uses, on both engines.

Each case runs the trap and its guard. A trap that one day closes fails here as well: then its rule in
``tests/python/portability.py`` has lost its reason. Spark runs as dbt runs it, with ``spark.sql.ansi.enabled=false``.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pytest
from conftest import SAMPLE, spark_session

RAISES = "raises"


@dataclass(frozen=True)
class Trap:
    """An expression that the engines read differently, and the guarded one with the answer of both."""

    name: str
    trap: str
    on_duckdb: object
    on_spark: object
    guard: str
    answer: object
    trap_for_spark: str | None = None  # where the trap is written in another way there


TRAPS = (
    Trap("a bad cast is NULL without a word", "cast('31/02/2010' as date)", RAISES, None, "try_cast('31/02/2010' as date)", None),
    Trap("a short date is filled up", "try_cast('2011' as date)", None, "2011-01-01", "case when '2011' like '____-__-__' then try_cast('2011' as date) end", None),
    Trap("a cast takes a suffix for a number", "try_cast('1d' as double)", None, 1.0, "case when translate('1d', '0123456789.', '') = '' then try_cast('1d' as double) end", None),
    Trap("an integer wraps", "cast(2147483647 as integer) + cast(1 as integer)", RAISES, -2147483648, "cast(2147483647 as bigint) + 1", 2147483648),
    Trap("a cast rounds", "cast(3.5 as integer)", 4, 3, "cast(floor(3.5) as integer)", 3),
    Trap("NULLs come last, or first", "(select min(x) from (select x, row_number() over (order by x) as n from (values (1), (null)) as v(x)) as r where n = 1)", 1, None,
         "(select min(x) from (select x, row_number() over (order by x nulls last) as n from (values (1), (null)) as v(x)) as r where n = 1)", 1),
    Trap("an apostrophe needs a backslash", r"length('O\'Brien')", RAISES, 7, "length('OBrien')", 6),
    Trap("a backslash is one character, or none", r"length('a\\b')", 4, 3, "length('a/b')", 3),
    Trap("a month is a boundary, or four weeks and more", "datediff('month', date '2011-01-31', date '2011-02-01')", 1, 0,
         "{{ dbt.datediff(\"date '2011-01-31'\", \"date '2011-02-01'\", 'month') }}", 1,
         trap_for_spark="datediff(month, date '2011-01-31', date '2011-02-01')"),
    Trap("a date less a date", "date '2011-02-01' - date '2011-01-31'", 1, "1 day, 0:00:00", "{{ dbt.datediff(\"date '2011-01-31'\", \"date '2011-02-01'\", 'day') }}", 1),
    Trap("concat skips NULL, or is NULL", "concat('a', null)", "a", None, "'a' || null", None),
    Trap("a quotient is rounded at its fifth digit", "round(1.005e0, 2)", 1.0, 1.01, "{{ round_half_up('1.005e0', 2) }}", 1.01),
    Trap("a tie is rounded down, or up", "round(57e0 / 800, 4)", 0.0712, 0.0713, "{{ round_half_up('57e0 / 800', 4) }}", 0.0713),
    Trap("a sum is wider than its terms", "(select lower(typeof(sum(x))) from (values (1), (2)) as v(x))", "hugeint", "bigint",
         "(select lower(typeof(cast(sum(x) as bigint))) from (values (1), (2)) as v(x))", "bigint"),
    Trap("the whole match, or its first group", "regexp_extract('ab', '(a)b')", "ab", "a", "regexp_extract('ab', '(a)b', 1)", "a"),
    Trap("a function has one engine", "regexp_matches('a1', '[0-9]')", True, RAISES, "translate('a1', '0123456789', '') <> 'a1'", True),
    Trap("nothing is divided by nothing", "1e0 / 0", float("inf"), None, "1e0 / nullif(0, 0)", None),
)  # fmt: skip


def answer_of(engine: str, sql: str) -> object:
    """The one value of an expression, or RAISES."""
    try:
        if engine == "spark":
            value = spark_session().sql(f"select {sql} as answer").collect()[0][0]
        else:
            value = duckdb.connect().execute(f"select {sql} as answer").fetchone()[0]
    except Exception:  # noqa: BLE001 - each engine has an error of its own
        return RAISES
    return value if value is None or isinstance(value, (int, float)) else str(value)


@pytest.fixture(scope="module")
def rendered(dbt) -> dict[str, dict[str, str]]:
    """The guards as dbt writes them on each engine; this also starts Spark as dbt does."""
    sql = "\n;;\n".join(trap.guard for trap in TRAPS)
    written = {}
    for target in ("duckdb", "spark"):
        run = dbt(target, SAMPLE / "first_share", "compile", "--inline", sql)
        assert run.success, run.output
        written[target] = dict(zip((trap.name for trap in TRAPS), run.compiled.split(";;"), strict=True))
    return written


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_the_engines_part_at_the_trap_and_meet_at_the_guard(rendered, trap: Trap) -> None:
    assert answer_of("duckdb", trap.trap) == trap.on_duckdb
    assert answer_of("spark", trap.trap_for_spark or trap.trap) == trap.on_spark
    assert answer_of("duckdb", rendered["duckdb"][trap.name]) == trap.answer
    assert answer_of("spark", rendered["spark"][trap.name]) == trap.answer


def test_dbt_turns_the_strict_mode_of_spark_off(rendered) -> None:
    """So an unreadable value is NULL on Spark whatever the profile says, and try_cast with a count of losses is the only guard."""
    assert spark_session().conf.get("spark.sql.ansi.enabled") == "false"
