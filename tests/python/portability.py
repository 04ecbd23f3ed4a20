"""What SQL may not hold, because DuckDB and Spark answer it differently, or only one of them answers at all.

Each rule carries what to write instead, an example that it must catch and one that it must let pass. The rules read the text
of a file, not its meaning: they are a first net, and ``make test-spark`` is the second. The measured differences behind them
are shown by ``tests/spark/test_traps.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

ONLY_ONE_ENGINE = (
    "any_value", "arg_max", "arg_min", "array_agg", "collect_list", "collect_set", "date_part", "date_format", "epoch", "explode",
    "generate_series", "group_concat", "hash", "ifnull", "iif", "isnull", "json_extract", "len", "list", "list_\\w+", "md5_number", "median",
    "mode", "monotonically_increasing_id", "quantile", "quantile_cont", "regexp_matches", "regexp_full_match", "regexp_like",
    "rlike", "sha2", "sha256", "string_agg", "string_split", "str_split", "split", "strftime", "strptime", "struct_pack", "to_char", "to_date",
    "unnest", "uuid", "width_bucket",
)  # fmt: skip
NUMBERS_AND_DATES = "integer|int|smallint|double|float|decimal(?:\\([^)]*\\))?|date|timestamp|boolean"


@dataclass(frozen=True)
class Rule:
    """One trap: the pattern that finds it, what to write instead, and an example on each side of it."""

    name: str
    pattern: str
    instead: str
    bad: str
    good: str
    folder: str = ""  # the only folder of models in which it holds


RULES = (
    Rule(
        "a function of one engine",
        rf"(?<![\w.])(?:{'|'.join(ONLY_ONE_ENGINE)})\s*\(",
        "write it in standard SQL, with a macro of dbt (dbt.dateadd and the like), or behind dispatch in macros/ with a literal case",
        "select list_sort(x), regexp_matches(y, 'a') from t",
        "select max(case when place = 1 then x end) from t where y like '%a%'",
    ),
    Rule(
        "QUALIFY",
        r"\bqualify\b",
        "number the rows in one CTE and filter in the next",
        "select x from t qualify row_number() over (order by x nulls last) = 1",
        "select x from ranked where place = 1",
    ),
    Rule(
        "a star with exceptions",
        r"\*\s*(?:exclude|except|replace|rename)\s*\(",
        "name the columns",
        "select * exclude (x) from t",
        "select a, b from t",
    ),
    Rule(
        "a cast with colons",
        r"::",
        "write try_cast(x as type), or cast(x as type) where x is no text",
        "select x::integer from t",
        "select try_cast(x as integer) from t where y = 'a:b'",
    ),
    Rule(
        "a plain cast of a column",
        rf"(?<!\w)cast\(\s*(?:(?!null\b)(?:\w+\.)?[a-z_]\w*|\{{\{{[^{{}}]*\}}\}})\s+as\s+(?:{NUMBERS_AND_DATES})\s*\)",
        "write try_cast, or clean_integer, clean_date and the like in staging: a value that cannot be cast stops DuckDB and is NULL on Spark",
        "select cast(delivered.year as integer) from delivered",
        "select try_cast(year as integer), cast(null as integer), cast(n_rows as bigint), cast(extract(year from day) as integer) from t",
        folder="staging",  # where text becomes typed; above it a cast is from one number to another
    ),
    Rule(
        "a cast that is safe on one engine",
        r"\bsafe_cast\s*\(",
        "write try_cast: dbt.safe_cast is a plain cast on DuckDB",
        "select {{ dbt.safe_cast('year', 'integer') }} from t",
        "select try_cast(year as integer) from t",
    ),
    Rule(
        "a cast that rounds",
        r"(?<!\w)cast\((?!\s*(?:floor|round|ceil)\()[^()]*/[^()]*\s+as\s+(?:integer|int|bigint|smallint)\s*\)",
        "write cast(floor(a / b) as bigint), or round_half_up where rounding is meant: DuckDB rounds and Spark cuts off",
        "select cast(a / b as integer) from t",
        "select cast(floor(a / b) as integer) from t",
    ),
    Rule(
        "a bare round",
        r"(?<![\w.])round\s*\(",
        "write round_half_up in braces: at a tie one engine rounds the binary number and the other its decimal text",
        "select round(a / b, 4) from t",
        "select {{ round_half_up('a / b', 4) }} from t",
    ),
    Rule(
        "integer division",
        r"(?<![:/])//(?!/)|\bdiv\b",
        "write floor(a / b)",
        "select a // b from t",
        "select floor(a / b), 'http://x' from t",
    ),
    Rule(
        "a bare date difference",
        r"(?<![\w.])(?:datediff|date_diff|datesub|date_sub|date_add|add_months|months_between|timestampdiff|age)\s*\(",
        "write dbt.datediff or dbt.dateadd in braces: units and signs differ",
        "select datediff('month', a, b) from t",
        "select {{ dbt.datediff('a', 'b', 'month') }} from t",
    ),
    Rule(
        "arithmetic on a date",
        r"\b\w+_date\s*[-+]\s*(?:\w|\()|[-+]\s*(?:\w+\.)?\w+_date\b|\binterval\b",
        "write dbt.datediff or dbt.dateadd in braces: a date less a date is a number on DuckDB and an interval on Spark",
        "select end_date - start_date from t",
        "select end_year - start_year, {{ dbt.dateadd('day', 1, 'end_date') }} from t",
    ),
    Rule(
        "a doubled quote in a literal",
        r"(?<=\w)''|''(?=\w)",
        "keep apostrophes out of literals: Spark up to 4.0 drops them",
        "select 'O''Brien' as name",
        "select nullif(trim(name), '') from t",
    ),
    Rule(
        "a type with another name on Spark",
        r"\bas\s+(?:varchar|text|hugeint|uinteger|ubigint|int8|float8|bool)\b",
        "write string in tests and {{ dbt.type_string() }} in models for text, bigint, double or boolean for others",
        "select cast(x as varchar) from t",
        "select cast(x as string), cast(y as bigint) from t",
    ),
    Rule(
        "a pattern without a group",
        r"\bregexp_extract\((?![^\n]*,\s*\d+\s*\))",
        "name the group as the third argument, and put the call on one line: without it DuckDB gives the whole match and Spark the first group",
        "select regexp_extract(x, '(a)b') from t",
        "select regexp_extract(x, '(a)b', 1) from t",
    ),
    Rule(
        "a window over all rows",
        r"\bover\s*\(\s*\)",
        "aggregate in a CTE of one row and cross join that: a window that is not parted brings every row together in one task of Spark",
        "select max(x) over () from t",
        "select max(x) over (partition by y) from t",
    ),
    Rule(
        "concat",
        r"(?<![\w.])concat\s*\(",
        "write a || b: with a NULL inside, concat is NULL on Spark and not on DuckDB",
        "select concat(a, b) from t",
        "select a || b, concat_ws(',', a, b) from t",
    ),
    Rule(
        "the day or hour of the run",
        r"\b(?:current_date|current_timestamp|now\(\)|today\(\))",
        "pass the day in: the same extract must give the same tables tomorrow",
        "select current_date",
        "select as_at_date from t",
    ),
    Rule(
        "group by all",
        r"\b(?:group|order)\s+by\s+all\b",
        "name the columns",
        "select x, count(*) from t group by all",
        "select x, count(*) from t group by x",
    ),
)  # fmt: skip


def problems(sql: str, folder: str = "") -> Iterator[str]:
    """Find what is not portable in a file of SQL with Jinja.

    Args:
        sql: the text of a model, test, analysis or macro; comments and macros of one engine are left out of the search.
        folder: the folder of models that the file is in, such as ``staging``.

    Yields:
        One sentence for each finding: the line, what is wrong, and what to write instead.
    """
    text = blanked(sql)
    for rule in RULES:
        if rule.folder not in ("", folder):
            continue
        for found in re.finditer(rule.pattern, text, re.IGNORECASE):
            yield f"line {line_of(text, found.start())}: {rule.name}: {rule.instead}"
    for line, term in order_terms(text):
        if not re.search(r"\bnulls\s+(?:first|last)$", term, re.IGNORECASE):
            yield (
                f"line {line}: order by {term[:60]} says nothing of NULLs: add nulls last (DuckDB puts them last and Spark first)"
            )


def line_of(text: str, position: int) -> int:
    """The line of a file in which a position stands, from 1."""
    return text.count("\n", 0, position) + 1


def blanked(sql: str) -> str:
    """The text without comments and macros of one engine, each character but the line breaks replaced by a space."""
    hidden = (
        r"\{#.*?#\}",
        r"--[^\n]*",
        r"\{%-?\s*macro\s+(?:duckdb|spark)_\w+.*?\{%-?\s*endmacro\s*-?%\}",
        r"\{%-?\s*do\s+log\(.*?%\}",
    )
    for pattern in hidden:
        sql = re.sub(pattern, lambda found: re.sub(r"[^\n]", " ", found.group()), sql, flags=re.DOTALL)
    return sql


def order_terms(text: str) -> Iterator[tuple[int, str]]:
    """The terms of each ORDER BY and of each Jinja block whose name says that it is one, with their lines."""
    starts = [found.end() for found in re.finditer(r"\border\s+by\b", text, re.IGNORECASE)]
    starts += [found.end() for found in re.finditer(r"\{%-?\s*set\s+\w*order\s*-?%\}", text)]
    for start in starts:
        position = start
        for term in split_terms(text[start:]):
            bare = term.strip()
            # a number stands for nothing that can be missing; braces hold a block that is checked by itself
            if bare and not re.fullmatch(r"\{\{.*\}\}|\d+", bare, re.DOTALL):
                yield line_of(text, position + len(term) - len(term.lstrip())), bare
            position += len(term) + 1


def split_terms(text: str) -> list[str]:
    """The comma-separated terms at the start of a text, up to the end of the clause they stand in."""
    depth = 0
    term = ""
    terms = []
    position = 0
    while position < len(text):
        rest = text[position:]
        ended = re.match(r"\s(?:rows|range|groups)\s+between\b|\s(?:limit|union|separator)\b|\{%|[\"']\s*(?:~|\))", rest, re.IGNORECASE)
        if depth == 0 and (ended or rest[0] == ")" or re.match(r"\n\s*\n", rest)):
            break
        if rest[0] == "," and depth == 0:
            terms.append(term)
            term = ""
        else:
            depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(rest[0], 0)
            term += rest[0]
        position += 1
    return [*terms, term]
