"""The world beside published figures: `python -m synthetic report`.

Reads the `truth` of a world (or makes one without its files), measures everything that `published.csv` holds, prints the two side by side and saves
them as CSV and as one page with plots.

What is measured follows the publications. The 2019/20 dashboard: pupils with results at eleven and at sixteen; an offence counts if it was committed
by 31 August at the end of Year 13 and its record is linked to the pupil; in need at ages 12 to 16, looked after at 6 to 16; here in all cohorts that
can be followed so far (born to August 2002), not in the six of the dashboard alone, so that smaller worlds have enough offenders. A share is within
its tolerance when it is within 2 points of a published value of 10 or more, or within a fifth of a smaller one, whether or not the published one was
rounded to a whole number (a published 0 is met by anything under a half); a rate per 10,000 when it is within a tenth.

Every miss is told with its standard error, given the number of cases in this world, and with its reason: *no whole number of cases* (so few cases that
no count of them lies within the tolerance), *chance* (within two standard errors of the published figure; a correlation: no less than sampling leaves of
it) or *beyond chance*. Those that chance does not explain are the world's own faults.
"""

from __future__ import annotations

import argparse
import csv
import html
import math
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from .areas import load_areas
from .making import Plan, make

PUPILS, SEED = 200_000, 1989
LAST_FOLLOWED = 2002   # cohort that is followed to the end of Year 13 by the end of the data
TERMS = "(year({0}) * 3 + case when month({0}) >= 9 then 2 when month({0}) >= 4 then 1 else 0 end)"
GROUPS = {"all pupils": "true", "any offence": "any_offence", "serious violence": "violent"}
TRAITS = {
    "male": "sex = 'M'", **{f"ethnicity {code}": f"ethnicity_major = '{code}'" for code in ("WHIT", "MIXD", "ASIA", "BLAC", "AOEG", "UNCL")},
    "ever free school meals": "ever_free_school_meals", "ever in need (12 to 16)": "first_need_12_to_16_date is not null",
    "ever looked after (6 to 16)": "first_care_6_to_16_date is not null", "KS2 English level 4": "ks2_english", "KS2 maths level 4": "ks2_maths",
    "KS4 any pass": "ks4_any_pass", "KS4 five A*-G with English and maths": "ks4_five_passes_with_english_maths",
    "KS4 five A*-C with English and maths": "achieved_level2_english_maths", "ever persistently absent": "ever_persistently_absent",
    "ever persistently absent, unauthorised other": "ever_persistently_absent_unauthorised_other", "ever suspended": "first_suspension_date is not null",
    "ever permanently excluded": "first_permanent_exclusion_date is not null", "ever alternative provision": "first_alternative_provision_date is not null",
    "SEN support": "special_educational_needs = 'support'", "SEN plan or statement": "special_educational_needs = 'plan'", "no SEN": "special_educational_needs = 'none'",
}
TIMED = {
    "in need": "first_need_12_to_16_date", "protection plan": "first_plan_12_to_16_date", "looked after": "first_care_6_to_16_date",
    "persistently absent": "persistent_absence_date", "persistently absent, unauthorised other": "persistent_absence_unauthorised_other_date",
    "alternative provision": "first_alternative_provision_date", "SEN": "sen_date", "SEN plan": "sen_plan_date", "SEN behaviour": "sen_behaviour_date",
}
OFFENDING_GROUPS = {"free school meals": "ever free school meals", "in need": "ever in need (12 to 16)", "persistently absent": "ever persistently absent",
                    "suspended": "ever suspended", "permanently excluded": "ever permanently excluded", "alternative provision": "ever alternative provision"}
BINS = (("more than 2 years before", -10**6, -731), ("1 to 2 years before", -730, -366), ("180 to 365 days before", -365, -180), ("90 to 179 days before", -179, -90),
        ("60 to 89 days before", -89, -60), ("30 to 59 days before", -59, -30), ("same day", 0, 0), ("under 30 days after", 1, 29), ("30 to 59 days after", 30, 59),
        ("60 to 89 days after", 60, 89), ("90 to 179 days after", 90, 179), ("180 to 365 days after", 180, 365), ("1 to 2 years after", 366, 730),
        ("more than 2 years after", 731, 10**6))
AGES = (("under 1", 0, 0), ("1 to 4", 1, 4), ("5 to 9", 5, 9), ("10 to 15", 10, 15), ("16 and over", 16, 18))
PLACEMENTS = {"foster care": "placement in ('foster', 'kin')", "of it with relatives or friends": "placement = 'kin'", "placed for adoption": "placement like 'A%'",
              "with parents": "placement = 'parents'", "living independently": "placement in ('P2', 'P3')", "children's homes": "placement = 'K2'",
              "semi-independent": "placement = 'H5'", "secure unit": "placement = 'K1'", "other residential": "placement like 'R%'",
              "residential school": "placement = 'S1'", "other placement": "placement = 'Z1'"}
LEGAL = {"care orders": "legal_status in ('C1', 'C2')", "placement order": "legal_status in ('E1', 'D1')", "section 20": "legal_status = 'V2'",
         "child protection": "legal_status like 'L%'", "youth justice": "legal_status like 'J%'"}
REASONS = {"adopted": "e.code in ('E11', 'E12')", "home, planned": "e.code = 'home' and not e.unplanned", "home, unplanned": "e.code = 'home' and e.unplanned",
           "home, no parental responsibility": "e.code = 'no_parental_responsibility'", "child arrangements order": "e.code = 'E41'",
           "special guardianship": "e.code = 'guardianship'", "independent, supported": "e.code in ('E5', 'staying_put')", "independent, unsupported": "e.code = 'E6'",
           "adult residential care": "e.code = 'E7'", "custody": "e.code = 'E9'", "remand ended": "e.code = 'remand'", "age assessed": "e.code = 'adult_after_all'",
           "abroad": "e.code = 'abroad'", "other authority": "e.code = 'E3'", "died": "e.code = 'E2'", "other reason": "e.code = 'E8'"}
VERDICTS = ("no whole number of cases", "chance", "BEYOND CHANCE")
RESPITE = "kind not in ('V1', 'V3', 'V4')"


@dataclass
class Line:
    """One figure: what was published, what the world has, and out of how many."""

    section: str
    group: str
    measure: str
    unit: str
    published: float
    world: float | None
    cases: int
    source: str
    attainable: float = 1.0  # of a correlation: what is left of it with so few cases in each authority, were they drawn freely

    @property
    def within(self) -> bool:
        """Whether the world's figure is within tolerance of the published one."""
        if self.world is None:
            return False
        if self.unit == "correlation":
            return self.world >= self.published
        return abs(self.world - self.published) <= self.tolerance

    @property
    def tolerance(self) -> float:
        """How far the world's figure may be from the published one."""
        if self.unit != "per cent":
            return 0.1 * self.published
        if self.published == 0:
            return 0.4999
        return 2.0 if self.published >= 10 else 0.2 * self.published

    @property
    def has_whole_number(self) -> bool:
        """Whether any number of cases would give a share within tolerance."""
        if self.unit != "per cent" or not self.cases:
            return self.unit != "per cent"
        return math.floor((self.published + self.tolerance) * self.cases / 100) >= (self.published - self.tolerance) * self.cases / 100

    @property
    def standard_error(self) -> float | None:
        """Of the world's figure, were its cases drawn freely from a population with the published one."""
        if self.unit == "correlation" or not self.cases:
            return None
        if self.unit == "per cent":
            share = min(max(self.published, 0.5), 99.5)
            return (share * (100 - share) / self.cases) ** 0.5
        return self.published / self.cases ** 0.5

    @property
    def verdict(self) -> str:
        """Empty where the figure is within tolerance; else the kind of miss, one of `VERDICTS`."""
        if self.within:
            return ""
        if not self.has_whole_number:
            return VERDICTS[0]
        if self.unit == "correlation":
            return VERDICTS[1] if self.world is not None and self.world >= self.published * self.attainable else VERDICTS[2]
        error = self.standard_error
        return VERDICTS[1] if error is not None and abs(self.world - self.published) <= 2 * error else VERDICTS[2]

    @property
    def reason(self) -> str:
        """Empty where the figure is within tolerance; else the kind of miss, and how many standard errors it is."""
        if self.unit == "correlation" and not self.within:
            return f"{self.verdict}: so few cases in each authority let {self.published * self.attainable:.2f} be expected"
        if self.within or self.world is None or not self.standard_error:
            return self.verdict
        return f"{self.verdict}: off by {self.world - self.published:+.2f}, {abs(self.world - self.published) / self.standard_error:.1f} standard errors of {self.standard_error:.2f}"


class World:
    """The truth of a world, ready for questions."""

    def __init__(self, folder: Path, memory: str = "2GB") -> None:
        self.db = duckdb.connect()
        self.db.execute(f"set memory_limit = '{memory}'; set threads = 2")
        for path in sorted(folder.glob("*.parquet")):
            self.db.execute(f"create view {path.stem} as select * from read_parquet('{path.as_posix()}')")
        for table in ("pupils", "care_episodes", "referrals", "plans"):
            if not (folder / f"{table}.parquet").is_file():
                raise FileNotFoundError(None, "there is no such table of the truth", str(folder / f"{table}.parquet"))
        # Without a KS4 or KS2 result, or beyond the follow-up, a pupil is not in the published cohort.
        self.db.execute(f"""
            create table cohort as select *, is_linked_to_offender and offends_to_year_13 as any_offence,
                is_linked_to_offender and serious_violence_to_year_13 as violent
            from pupils where is_pupil and cohort <= {LAST_FOLLOWED} and first_school_year <= cohort + 11 and last_school_year >= cohort + 16
        """)
        self.children = {day: self.one(f"select count(*) from pupils where make_date(birth_year, birth_month, 1) <= date '{day}'"
                                       f" and make_date(birth_year + 18, birth_month, 1) > date '{day}'") for day in ("2017-03-31", "2019-03-31")}

    def one(self, sql: str):
        """The one value of a query."""
        return self.db.execute(sql).fetchone()[0]

    def share(self, test: str, table: str, where: str = "true") -> tuple[float | None, int]:
        """Per cent of rows that pass a test, and of how many."""
        share, cases = self.db.execute(f"select 100.0 * avg(case when {test} then 1 else 0 end), count(*) from {table} where {where}").fetchone()
        return share, cases


Answer = tuple[float | None, int]


def measures(world: World) -> Iterator[tuple[tuple[str, str, str], Answer]]:
    """Every measure, under its section, group and name in `published.csv`."""
    for trait, test in TRAITS.items():
        for group, where in GROUPS.items():
            yield ("shares", group, trait), world.share(test, "cohort", where)
    yield ("offending", "all pupils", "any offence"), world.share("any_offence", "cohort")
    yield ("offending", "all pupils", "serious violence"), world.share("violent", "cohort")
    yield ("offending", "serious violence", "with an earlier offence"), world.share("first_offence_date < first_serious_violence_date", "cohort", "violent")
    for group, where, column in (("any offence", "any_offence", "age_first_offence"), ("serious violence", "violent", "age_first_serious_violence")):
        for age in range(10, 19):
            yield ("age at first offence", group, str(age)), world.share(f"{column} = {age}", "cohort", where)
    for name, column in TIMED.items():
        here, there = TERMS.format(column), TERMS.format("first_serious_violence_date")
        where = f"violent and {column} is not null"
        for word, test in (("before", "<"), ("same term", "="), ("after", ">")):
            yield ("timing against first serious violence", name, word), world.share(f"{here} {test} {there}", "cohort", where)
    for name, column in (("first suspension", "first_suspension_date"), ("first permanent exclusion", "first_permanent_exclusion_date")):
        gap = f"date_diff('day', first_serious_violence_date, {column})"
        for word, least, most in BINS:
            yield ("days from first serious violence", name, word), world.share(f"{gap} between {least} and {most}", "cohort", f"violent and {column} is not null")
    for name, trait in OFFENDING_GROUPS.items():
        for word, test in (("any offence", "any_offence"), ("serious violence", "violent")):
            yield ("share of a group that offends", name, word), world.share(test, "cohort", TRAITS[trait])
    yield from care_measures(world)
    yield from need_measures(world)
    yield ("linkage", "offenders", "linked to a pupil"), world.share("is_linked_to_offender", "pupils", "is_pupil and first_offence_date is not null")
    last = "max(least(year(episode_end + interval 9 month), 2021))"  # return year in which a local id is last reported
    ids = f"(select la, child_id, {last} as last_year, max(pmr_from_year) as known from care_episodes where episode_start < date '2021-04-01' group by all)"
    yield ("linkage", "looked-after local ids", "without a PMR"), world.share("last_year < known", ids, "last_year >= 2006")


def care_measures(world: World) -> Iterator[tuple[tuple[str, str, str], Answer]]:
    """Children looked after."""
    world.db.execute(f"""
        create or replace table on_march as select e.*, p.sex, date_diff('month', date_trunc('month', e.birth), date '2019-03-31') // 12 as age
        from care_episodes e join pupils p using (person)
        where {RESPITE} and episode_start <= date '2019-03-31' and episode_end > date '2019-03-31'
    """)
    section = "looked after on 31 March 2019"
    for group, tests in (("placement", PLACEMENTS), ("legal status", LEGAL), ("need", {f"N{n}": f"need = 'N{n}'" for n in range(1, 9)}),
                         ("age", {name: f"age between {least} and {most}" for name, least, most in AGES}), ("sex", {"male": "sex = 'M'"})):
        for name, test in tests.items():
            yield (section, group, name), world.share(test, "on_march")
    cases = world.one("select count(*) from on_march")
    yield (section, "all", "children"), (1e4 * cases / max(world.children["2019-03-31"], 1), cases)
    world.db.execute(f"""
        create or replace table periods as select *, row_number() over (partition by person order by period_start) as number from (
            select person, period_start, any_value(period_end) as period_end, any_value(period_ending) as code, any_value(birth) as birth,
                hash(person, period_start) % 1000 < 185 as unplanned
            from care_episodes where {RESPITE} group by person, period_start)
    """)
    started = "period_start between date '2018-04-01' and date '2019-03-31'"
    for name, least, most in AGES:
        yield ("started care in 2018/19", "age", name), world.share(
            f"date_diff('month', date_trunc('month', birth), period_start) // 12 between {least} and {most}", "periods", started)
    cases = world.one(f"select count(distinct person) from periods where {started}")
    yield ("started care in 2018/19", "all", "children"), (1e4 * cases / max(world.children["2019-03-31"], 1), cases)
    world.db.execute(f"""
        create or replace table placements_of_year as select person, count(*) filter (where episode_start <= date '2019-03-31' and episode_end > date '2018-04-01'
            and (reason_new_episode in ('S', 'P', 'T', 'B', 'U') or episode_start <= date '2018-04-01') and placement not in ('temporary')) as n
        from care_episodes where {RESPITE} and period_start <= date '2018-03-31' and period_end > date '2019-03-31' group by person
    """)
    for name, test in (("one", "n <= 1"), ("two", "n = 2"), ("three or more", "n >= 3")):
        yield ("placements in 2018/19, looked after 12 months", "placements", name), world.share(test, "placements_of_year")
    for name, test in (("one", "number = 1"), ("two", "number = 2"), ("three", "number = 3")):
        yield ("periods of care of those who ceased in 2018/19", "periods", name), world.share(
            test, "periods", "period_end between date '2018-04-01' and date '2019-03-31' and code <> 'E3'")
    for name, test in REASONS.items():
        yield ("ceased care in 2016/17", "reason", name), world.share(test, "periods e", "e.period_end between date '2016-04-01' and date '2017-03-31'")


def need_measures(world: World) -> Iterator[tuple[tuple[str, str, str], Answer]]:
    """Children in need."""
    section, children = "in need in 2016/17", max(world.children["2017-03-31"], 1)
    need = "outcome in ('need', 'care')"

    def rate(sql: str) -> Answer:
        cases = world.one(sql)
        return 1e4 * cases / children, cases

    yield (section, "all", "on 31 March"), rate(f"select count(distinct person) from referrals where {need} and referral_date <= date '2017-03-31' and closure_date > date '2017-03-31'")
    yield (section, "all", "at any point"), rate(f"select count(distinct person) from referrals where {need} and referral_date <= date '2017-03-31' and closure_date >= date '2016-04-01'")
    world.db.execute("""create or replace table in_year as select *, referral_date - lag(referral_date) over (partition by person order by referral_date) as gap from referrals""")
    where = "referral_date between date '2016-04-01' and date '2017-03-31'"
    yield (section, "referrals", "all"), rate(f"select count(*) from in_year where {where}")
    yield (section, "referrals", "within 12 months of another"), world.share("gap <= 365", "in_year", where)
    yield (section, "referrals", "no further action"), world.share("outcome = 'nfa'", "in_year", where)
    yield (section, "referrals", "not in need after assessment"), world.share("outcome in ('not_in_need', 'early_help')", "in_year", where)
    where = "plan_start between date '2016-04-01' and date '2017-03-31'"
    yield (section, "protection plans", "started"), rate(f"select count(*) from plans where {where}")
    yield (section, "protection plans", "second or later"), world.share("previous_plans > 0", "plans", where)
    open_plans = "plan_start <= date '2017-03-31' and plan_end > date '2017-03-31'"
    yield (section, "protection plans", "on 31 March"), rate(f"select count(*) from plans where {open_plans}")
    days = "date_diff('day', plan_start, date '2017-03-31')"
    for name, least, most in (("3 months or less", 0, 91), ("3 to 6 months", 92, 182), ("6 months to 1 year", 183, 364), ("1 to 2 years", 365, 729), ("2 years or more", 730, 10**5)):
        yield (section, "length of plans on 31 March", name), world.share(f"{days} between {least} and {most}", "plans", open_plans)


def authority_lines(world: World) -> tuple[list[Line], list[tuple[str, float, float, float, int]]]:
    """Authorities' pupils, offence rates, shares with free meals, in need and in care, against the published ones: correlations, and the points."""
    areas = load_areas()
    found = dict((row[0], row[1:]) for row in world.db.execute("""
        select local_authority_at_15, count(*), avg(any_offence::int), avg(violent::int), avg(ever_free_school_meals::int),
            avg((first_need_12_to_16_date is not null)::int), avg((first_care_6_to_16_date is not null)::int) from cohort group by all""").fetchall())
    with open(Path(__file__).with_name("areas.csv"), encoding="utf-8", newline="") as file:
        published = {row["code"]: row for row in csv.DictReader(file)}
    codes = [code for code in areas.code if code in found]
    lines, points = [], []
    if len(codes) > 2:
        for place, (name, least) in enumerate((("pupils", 0.9), ("any_offence", 0.9), ("serious_violence", 0.9), ("fsm_percent", 0.9), ("cin_percent", 0.9), ("cla_percent", 0.5))):
            mine = [float(found[code][place]) for code in codes]
            theirs = [float(published[code][name]) / (float(published[code]["pupils"]) if name in ("any_offence", "serious_violence") else 1) for code in codes]
            shares = theirs if name in ("any_offence", "serious_violence") else [x / 100 for x in theirs]
            attainable = 1.0 if name == "pupils" else reliability(shares, [int(found[code][0]) for code in codes])
            lines.append(Line("authorities", name, "correlation with the published figures", "correlation", least, correlation(mine, theirs), len(codes),
                              "DfE/MoJ dashboard 2019/20 (pub. Mar 2023), school basis", attainable))
        points = [(published[code]["name"], float(published[code]["any_offence"]) / float(published[code]["pupils"]), float(found[code][1]),
                   float(found[code][2]), int(found[code][0])) for code in codes]
    return lines, points


def reliability(shares: list[float], pupils: list[int]) -> float:
    """How well shares measured on so many pupils can correlate with the true shares, which vary as these do: the root of the part of their variance that
    is not sampling."""
    mean = sum(shares) / len(shares)
    true = sum((share - mean) ** 2 for share in shares) / len(shares)
    sampling = sum(share * (1 - share) / max(n, 1) for share, n in zip(shares, pupils)) / len(shares)
    return (true / (true + sampling)) ** 0.5 if true else 0.0


def correlation(x: list[float], y: list[float]) -> float | None:
    """Pearson's correlation, None where one of the two does not vary or has fewer than two values."""
    try:
        return statistics.correlation(x, y)
    except statistics.StatisticsError:
        return None


def compare(folder: Path) -> tuple[list[Line], list[tuple[str, float, float, float, int]]]:
    """Measure a world.

    Args:
        folder: its `truth`.

    Returns:
        Every published figure with the world's, and for each authority its name, published rate, the world's rate, rate of serious violence, pupils.
    """
    world = World(folder)
    found = dict(measures(world))
    with open(Path(__file__).with_name("published.csv"), encoding="utf-8", newline="") as file:
        lines = [Line(r["section"], r["group"], r["measure"], r["unit"], float(r["published"]), *found[r["section"], r["group"], r["measure"]], r["source"])
                 for r in csv.DictReader(file)]
    more, points = authority_lines(world)
    return lines + more, points


def as_text(lines: list[Line]) -> str:
    """The comparison for a terminal, one line each, and the misses counted."""
    out, section = [], ""
    for line in lines:
        if line.section != section:
            section = line.section
            out.append(f"\n{section} ({line.unit})")
        world = "      -" if line.world is None else f"{line.world:7.2f}"
        out.append(f"  {line.group + ': ' + line.measure:<72} published {line.published:7.2f}  world {world}  {line.reason}".rstrip())
    out.append("\n" + summary(lines))
    return "\n".join(out)


def summary(lines: list[Line]) -> str:
    """How many figures are within tolerance, and how many miss for which reason."""
    counts = [sum(line.verdict == verdict for line in lines) for verdict in VERDICTS]
    return (f"{sum(line.within for line in lines)} of {len(lines)} figures within tolerance. Of {sum(counts)} misses {counts[0]} can be met by no whole number of "
            f"cases in a world of this size, {counts[1]} are within two standard errors, {counts[2]} are beyond chance.")


def save(lines: list[Line], points: list[tuple[str, float, float, float, int]], folder: Path, title: str) -> list[Path]:
    """Write `comparison.csv` and `report.html`."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "comparison.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["section", "group", "measure", "unit", "published", "world", "cases", "standard_error", "tolerance", "within_tolerance", "verdict", "source"])
        writer.writerows([x.section, x.group, x.measure, x.unit, f"{x.published:g}", "" if x.world is None else f"{x.world:.3f}", x.cases,
                          "" if x.standard_error is None else f"{x.standard_error:.3f}",
                          "" if x.unit == "correlation" else f"{x.tolerance:g}", int(x.within), x.verdict.lower(), x.source] for x in lines)
    (folder / "report.html").write_text(page(lines, points, title), encoding="utf-8")
    return [folder / "comparison.csv", folder / "report.html"]


STYLE = """body{font:15px/1.45 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2733}h1{font-size:1.5rem}h2{font-size:1.1rem;margin:2rem 0 .3rem}
svg text{font:12px system-ui,sans-serif;fill:#1c2733}.note{color:#51606f}.axis{stroke:#c9d1d9}.link{stroke:#8a97a5;stroke-width:2}.pub{fill:#fff;stroke:#1c2733;stroke-width:1.6}.own{fill:#0a6f8c}.miss{fill:#c2410c}"""


def page(lines: list[Line], points: list[tuple[str, float, float, float, int]], title: str) -> str:
    """One page with a plot for each section: published values as rings, the world's as dots, orange where they miss."""
    parts = [f"<h1>{html.escape(title)}</h1>", f"<p>{html.escape(summary(lines))} Rings: published. Dots: this world; orange where it misses.</p>",
             miss_table([line for line in lines if not line.within])]
    for section in dict.fromkeys(line.section for line in lines):
        mine = [line for line in lines if line.section == section]
        parts.append(f"<h2>{html.escape(section)}</h2>" + dots(mine))
    if points:
        parts.append("<h2>Authorities: pupils with any offence, per cent</h2><p class='note'>Across: published. Up: this world. One dot for each authority.</p>" + scatter(points))
    return f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{html.escape(title)}</title><style>{STYLE}</style></head><body>{''.join(parts)}</body></html>\n"


def miss_table(missed: list[Line]) -> str:
    """A table of the misses, each with its standard error and its reason."""
    rows = "".join(f"<tr><td>{html.escape(x.section)}</td><td>{html.escape(x.group + ': ' + x.measure)}</td><td>{x.published:g}</td>"
                   f"<td>{'-' if x.world is None else f'{x.world:.2f}'}</td><td>{'' if x.standard_error is None else f'{x.standard_error:.2f}'}</td>"
                   f"<td>{html.escape(x.verdict.lower())}</td></tr>" for x in missed)
    heads = "".join(f"<th>{head}</th>" for head in ("section", "figure", "published", "world", "standard error", "reason"))
    return f"<h2>What misses</h2><table><tr>{heads}</tr>{rows}</table>" if missed else ""


def dots(lines: list[Line]) -> str:
    """A dot plot."""
    left, width, step = 400, 470, 19
    top = max([line.published for line in lines] + [line.world or 0 for line in lines] + [1e-9]) * 1.05
    rows = []
    for number, line in enumerate(lines):
        y = 14 + number * step
        x = left + width * line.published / top
        rows.append(f"<text x='{left - 10}' y='{y + 4}' text-anchor='end'>{html.escape(line.group + ': ' + line.measure)}</text>"
                    f"<line class='axis' x1='{left}' x2='{left + width}' y1='{y}' y2='{y}'/>")
        if line.world is not None:
            own = left + width * line.world / top
            rows.append(f"<line class='link' x1='{x:.1f}' x2='{own:.1f}' y1='{y}' y2='{y}'/><circle class='{'own' if line.within else 'miss'}' cx='{own:.1f}' cy='{y}' r='4'/>")
        value = "-" if line.world is None else f"{line.world:.3g}"
        rows.append(f"<circle class='pub' cx='{x:.1f}' cy='{y}' r='4' fill-opacity='0'/><text x='{left + width + 8}' y='{y + 4}'>{line.published:g} / {value}</text>")
    height = 14 + len(lines) * step
    return f"<svg viewBox='0 0 {left + width + 90} {height}' width='100%' role='img' aria-label='published and own values'>{''.join(rows)}</svg>"


def scatter(points: list[tuple[str, float, float, float, int]]) -> str:
    """World against published, one dot for each authority."""
    top = max(max(p[1], p[2]) for p in points) * 1.05
    size = 420

    def x(value: float) -> float:
        return 40 + size * value / top

    marks = "".join(f"<circle class='own' cx='{x(pub):.1f}' cy='{size + 20 - size * own / top:.1f}' r='3.5' fill-opacity='.7'>"
                    f"<title>{html.escape(name)}: {100 * pub:.1f} / {100 * own:.1f}</title></circle>"
                    for name, pub, own, _, _ in points)
    ticks = "".join(f"<text x='{x(t / 100):.0f}' y='{size + 38}' text-anchor='middle'>{t}</text><text x='30' y='{size + 24 - size * t / 100 / top:.0f}' text-anchor='end'>{t}</text>"
                    for t in range(0, int(100 * top) + 1, 2))
    frame = f"<path class='axis' fill='none' d='M40 20V{size + 20}H{size + 40}'/><line class='link' x1='40' y1='{size + 20}' x2='{size + 40}' y2='20' stroke-dasharray='4 4'/>"
    return f"<svg viewBox='0 0 {size + 60} {size + 45}' width='{size + 60}' role='img' aria-label='authorities'>{frame}{ticks}{marks}</svg>"


def main(arguments: list[str]) -> int:
    """Run `python -m synthetic report` and return its exit code."""
    from .__main__ import MOST_PUPILS, Parser, whole_number
    parser = Parser(prog="synthetic report", description="Compare a world with published figures.")
    parser.add_argument("world", nargs="?", type=Path, help="a folder that `python -m synthetic` wrote; without it a world is made, and not kept")
    parser.add_argument("--pupils", type=whole_number(1, MOST_PUPILS), default=PUPILS, metavar="N", help="of the world to make (default %(default)s)")
    parser.add_argument("--seed", type=whole_number(0, 2**63 - 1), default=SEED, metavar="S", help="of the world to make (default %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("synthetic_report"), metavar="FOLDER", help="where comparison.csv and report.html go (default %(default)s)")
    options = parser.parse_args(arguments)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        if options.world:
            lines, points = compare(options.world / "truth")
            title = f"A synthetic England beside published figures: {options.world.name}"
        else:
            with tempfile.TemporaryDirectory(prefix=".world-", dir=options.out) as made:
                make(Plan(options.pupils, options.seed, (), Path(made), deliver=False))
                lines, points = compare(Path(made) / "truth")
            title = f"A synthetic England of {options.pupils:,} pupils (seed {options.seed}) beside published figures"
        print(as_text(lines))
        for path in save(lines, points, options.out, title):
            print(path)
    except OSError as error:
        print(f"synthetic: error: {error.filename or options.out}: {error.strerror or error}", file=sys.stderr)
        return 2
    return 0
