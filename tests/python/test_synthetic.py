"""The synthetic England: the bundled sample, determinism, the two shares, dirt and its ledger, truth, calibration and the command line.

The files are read here without the generator's own code, as a stranger would read them.
"""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from recompute import recompute

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from synthetic import making, people  # noqa: E402
from synthetic.__main__ import main  # noqa: E402
from synthetic.columns import delivered_names  # noqa: E402
from synthetic.delivery import file_list  # noqa: E402
from synthetic.dirt import COMPANIONS, JUNK, KINDS, RESTYLED, UNREADABLE  # noqa: E402
from synthetic.making import Plan, make, make_chunk  # noqa: E402
from synthetic.report import Line, compare  # noqa: E402
from synthetic.reporting import SHARES  # noqa: E402
from synthetic.streams import balanced, even_events, evenly, onset  # noqa: E402

SAMPLE = ROOT / "synthetic" / "sample"
FOLDERS = {"first": "first_share", "all-episodes": "all_episodes_share"}
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass
class Extract:
    """The files of one folder: their bytes after decompression, and their lines split into fields by column name."""

    raw: dict[str, bytes]
    lines: dict[str, list[list[str]]]
    tables: dict[str, list[dict[str, str]]]


def plain_name(column: str) -> str:
    """One name for CLA_CLA_LA and la, MoJUID_SPR12 and mo_juid."""
    return re.sub(r"(spr|ab|ex)\d\d$", "", re.sub(r"[^a-z0-9]", "", re.sub(r"^((cla|cin|pru|ap|ks2|ks4)_)+", "", column.lower())))


def decompressed(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def read_extract(folder: Path) -> Extract:
    extract = Extract({}, {}, defaultdict(list))
    for path in sorted(folder.iterdir()):
        if not path.is_file():
            continue
        kind = "census" if path.name.startswith("Spring") else path.name[:3].lower()
        if path.suffix == ".parquet":
            table = pq.read_table(path).to_pydict()
            header, lines = list(table), [list(row) for row in zip(*table.values())]
        else:
            data = extract.raw[path.name] = decompressed(path)
            try:
                text = data.decode("utf-8-sig")
            except UnicodeDecodeError:
                text = data.decode("latin-1")
            delimiter = "\t" if "\t" in text.split("\n", 1)[0] else ","
            header, *lines = [line.split(delimiter) for line in re.split("\r?\n", text)[:-1]]
        extract.lines[path.name] = [header, *lines]
        names = [plain_name(column) for column in header]
        extract.tables[kind] += [dict(zip(names, line)) | {"file": path.name} for line in lines if len(line) == len(names)]
    return extract


@pytest.fixture(scope="module")
def dirty() -> dict[str, Extract]:
    return {name: read_extract(SAMPLE / name) for name in ("first_share", "all_episodes_share")}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Extract]:
    folder = tmp_path_factory.mktemp("clean")
    assert main(["--out", str(folder), "--clean", "--quiet"]) == 0
    return {name: read_extract(folder / name) for name in ("first_share", "all_episodes_share")} | {"folder": folder}


@pytest.fixture(scope="module")
def england(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world of 60,000 pupils without its files: the folder that holds its truth."""
    folder = tmp_path_factory.mktemp("england")
    make(Plan(60_000, 3, (), folder, deliver=False), quiet=True, workers=1)
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# -- the bundled sample -----------------------------------------------------------------------------------------------------------------------

def test_defaults_reproduce_the_bundled_sample(tmp_path: Path) -> None:
    assert main(["--out", str(tmp_path), "--quiet"]) == 0
    assert list(files_of(tmp_path)) == list(files_of(SAMPLE))
    for name in files_of(SAMPLE):
        made, kept = tmp_path / name, SAMPLE / name
        if made.suffix == ".parquet":
            assert pq.read_table(made).equals(pq.read_table(kept)), name
        else:
            assert decompressed(made) == decompressed(kept), name


def test_sample_is_small() -> None:
    assert sum(map(len, files_of(SAMPLE).values())) <= 3_000_000


TABLES = ("cla", "cin", "census", "pru", "ap_", "abs", "exc", "ks2", "ks4", "pnc", "mag", "cro", "pri", "moj")


@pytest.mark.parametrize("share", ["first_share", "all_episodes_share"])
def test_sample_holds_every_table(dirty: dict[str, Extract], share: str) -> None:
    assert set(dirty[share].tables) == set(TABLES)
    assert all(len(dirty[share].tables[table]) > 1 for table in TABLES)


def test_sample_holds_every_level_of_contact(dirty: dict[str, Extract]) -> None:
    tables = dirty["all_episodes_share"].tables
    pupils = {row["pupilmatchingrefanonymous"] for row in tables["census"]}
    looked_after = {row["pupilmatchingrefanonymous"] for row in tables["cla"]} & pupils
    in_need = {row["pupilmatchingrefanonymous"] for row in tables["cin"]} & pupils
    planned = {row["pupilmatchingrefanonymous"] for row in tables["cin"] if row["cppstartdate"].strip()} & pupils
    for group, least, most in ((looked_after, 0.02, 0.12), (in_need, 0.15, 0.40), (planned, 0.03, 0.15)):
        assert least < len(group) / len(pupils) < most
    assert {"V1", "V3", "V4"} <= {row["legalstatus"] for row in tables["cla"]}
    assert {"E4", "E4A", "E4B", "X1", "-10"} <= {row["rec"] for row in tables["cla"]}
    assert "1" in {row["uascstatus"] for row in tables["cla"]}
    assert len({row["la"] for row in tables["census"] if row["la"].strip()}) == 8


def test_exclusions_are_wide_in_some_years_and_long_in_others(dirty: dict[str, Extract]) -> None:
    lines = dirty["all_episodes_share"].lines
    headers = {name: line[0] for name, line in lines.items() if name.startswith("Exclusions")}
    wide = {name for name, header in headers.items() if any(column.startswith("Category_40") for column in header)}
    assert "Exclusions_2012.txt.gz" in wide and "Exclusions_2014.txt.gz" in set(headers) - wide
    assert "StartDate_EX14" in headers["Exclusions_2014.txt.gz"] and "StartDate_3_EX12" in headers["Exclusions_2012.txt.gz"]


def test_codes_change_with_the_return_year(clean: dict[str, Extract]) -> None:
    for extract in (clean["first_share"], clean["all_episodes_share"]):
        for row in extract.tables["cla"]:
            year = int(row["acadyr"][5:])
            assert (row["placement"][0] == "U") <= (year >= 2016) and (row["placement"][0] == "Q") <= (year <= 2015)
            assert (row["rec"] in ("E4A", "E4B", "E13")) <= (year >= 2015) and (row["rec"] == "E4") <= (year <= 2014)


# -- determinism ------------------------------------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both shares of a world of 80 pupils."""
    folder = tmp_path_factory.mktemp("tiny")
    assert main([*TINY, "--out", str(folder)]) == 0
    return folder


TINY = ("--pupils", "80", "--quiet")


def test_same_seed_same_bytes_other_seed_other_bytes(tiny: Path, tmp_path: Path) -> None:
    assert main([*TINY, "--out", str(tmp_path / "again")]) == 0
    assert files_of(tiny) == files_of(tmp_path / "again")
    assert main([*TINY, "--seed", "8", "--share", "first", "--out", str(tmp_path / "other")]) == 0
    one, other = files_of(tiny / "first_share"), files_of(tmp_path / "other")
    same = {name for name in one.keys() & other.keys() if one[name] == other[name]}
    assert len(one.keys() & other.keys()) > 40
    assert all(decompressed(tiny / "first_share" / name).count(b"\n") < 2 for name in same), same


def test_one_share_is_the_same_alone_as_with_the_other(tiny: Path, tmp_path: Path) -> None:
    for share, folder in FOLDERS.items():
        assert main([*TINY, "--share", share, "--out", str(tmp_path / share)]) == 0
        alone = {name: data for name, data in files_of(tmp_path / share).items() if not name.startswith("truth")}
        assert alone == files_of(tiny / folder)


def test_chunks_do_not_depend_on_the_order_in_which_they_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "CHUNK", 40)
    plan = Plan(100, 7, ("all-episodes",), tmp_path, areas="806,390", enrich=3.0, file_format="txt")
    made = {}
    for name, order in (("forwards", 1), ("backwards", -1)):
        scratch = tmp_path / name
        scratch.mkdir()
        for block in people.blocks(plan.pupils)[::order]:
            make_chunk(plan, block, scratch)
        made[name] = files_of(scratch)
    assert len(people.blocks(plan.pupils)) > 3
    assert made["forwards"] == made["backwards"]


def test_bytes_do_not_depend_on_the_number_of_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as small:
        small.setattr(people, "CHUNK", 40)
        chunks = people.blocks(100)
    monkeypatch.setattr(making, "blocks", lambda pupils: chunks)  # more than two, or no second process is begun
    made = {}
    for workers in (1, 2):
        out = tmp_path / str(workers)
        out.mkdir()
        making.make(Plan(100, 7, ("all-episodes",), out, areas="806,390", enrich=3.0), quiet=True, workers=workers)
        made[workers] = files_of(out)
    assert len(chunks) > 3 and len(made[1]) > 60
    assert made[1] == made[2]


def test_every_format_holds_the_same_rows(tmp_path: Path) -> None:
    tables = []
    for form in ("txt", "txt.gz", "parquet"):
        assert main(["--pupils", "60", "--share", "first", "--areas", "806", "--format", form, "--clean", "--out", str(tmp_path / form), "--quiet"]) == 0
        assert all(path.name.endswith(f".{form}") for path in (tmp_path / form).iterdir() if path.is_file())
        extract = read_extract(tmp_path / form)
        tables.append({table: sorted(tuple(sorted((k, v) for k, v in row.items() if k != "file")) for row in rows) for table, rows in extract.tables.items()})
    assert tables[0] == tables[1] == tables[2]


@pytest.mark.parametrize("pupils", ["1", "9"])
def test_tiny_worlds_are_written(tmp_path: Path, pupils: str) -> None:
    assert main(["--pupils", pupils, "--out", str(tmp_path), "--quiet"]) == 0


# -- two shares of one world ------------------------------------------------------------------------------------------------------------------

def test_first_share_is_the_last_episode_of_each_year(clean: dict[str, Extract]) -> None:
    episodes = clean["all_episodes_share"].tables["cla"]
    pmr_of = {(row["la"], row["childidanon"]): row["pupilmatchingrefanonymous"] for row in episodes if row["pupilmatchingrefanonymous"]}
    last: dict[tuple[object, str], dict[str, str]] = {}
    for row in sorted(episodes, key=lambda row: row["dateepicomm"]):
        local = (row["la"], row["childidanon"])
        if row["acadyr"] <= "2017/2018":
            last[pmr_of.get(local, local), row["acadyr"]] = row
    # The shares differ in one name, and in who is linked by their end.
    renamed = {"reasonplacechange": "reasonforplacementchange"}
    first = clean["first_share"].tables["cla"]
    columns = [name for name in first[0] if name not in ("file", "mojuid")]

    def values(row: dict[str, str], names: list[str]) -> tuple[str, ...]:
        return tuple(row[name] for name in names)

    wanted = sorted(values(row, [renamed.get(name, name) for name in columns]) for row in last.values())
    assert sorted(values(row, columns) for row in first) == wanted
    assert len(wanted) > 200


def test_first_share_has_one_row_per_child_and_year_in_need(clean: dict[str, Extract]) -> None:
    rows = [(row["pupilmatchingrefanonymous"], row["acadyr"]) for row in clean["first_share"].tables["cin"] if row["pupilmatchingrefanonymous"]]
    assert len(rows) == len(set(rows))


def test_census_rows_of_both_shares_are_the_same_but_for_links(clean: dict[str, Extract]) -> None:
    def rows(extract: Extract) -> set[tuple[tuple[str, str], ...]]:
        return {tuple(sorted((k, v) for k, v in row.items() if k != "mojuid")) for row in extract.tables["census"]}

    assert rows(clean["first_share"]) < rows(clean["all_episodes_share"])


@pytest.mark.parametrize("table", ["abs", "exc", "ks2", "pru", "pnc", "mag", "cro", "pri", "moj"])
def test_other_tables_of_the_first_share_are_rows_of_the_second(clean: dict[str, Extract], table: str) -> None:
    def rows(extract: Extract) -> set[tuple[tuple[str, str], ...]]:
        return {tuple(sorted((k, v) for k, v in row.items() if k != "file")) for row in extract.tables[table]}

    first, later = rows(clean["first_share"]), rows(clean["all_episodes_share"])
    assert first and first <= later, f"{len(first - later)} of {len(first)} rows are not in the later share"


def test_episodes_of_a_period_follow_each_other(clean: dict[str, Extract]) -> None:
    ended: dict[tuple[str, ...], set[str]] = defaultdict(set)
    started: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for row in clean["all_episodes_share"].tables["cla"]:
        period = (row["la"], row["childidanon"], row["pocstart"])
        started[period].add(row["dateepicomm"])
        if row["rec"] == "X1":
            ended[period].add(row["dateepiceased"])
        assert row["dateepicomm"] >= row["pocstart"]
        assert (row["reasonfornewepisode"] == "S") == (row["dateepicomm"] == row["pocstart"])
    assert all(ended[period] <= started[period] for period in ended)


def test_local_ids_repeat_between_authorities_and_some_rows_lack_a_pmr(clean: dict[str, Extract]) -> None:
    rows = clean["all_episodes_share"].tables["cla"]
    areas, pmrs, local_ids = defaultdict(set), defaultdict(set), defaultdict(set)
    for row in rows:
        areas[row["childidanon"]].add(row["la"])
        pmrs[row["la"], row["childidanon"]].add(row["pupilmatchingrefanonymous"])
        local_ids[row["pupilmatchingrefanonymous"]].add((row["la"], row["childidanon"]))
    assert any(len(found) > 1 for found in areas.values())
    assert any("" in found and len(found) == 2 for found in pmrs.values())  # for draw-down
    assert any(found == {""} for found in pmrs.values())
    assert any(len(found) == 2 for pmr, found in local_ids.items() if pmr)  # moved to another authority


# -- dirt -------------------------------------------------------------------------------------------------------------------------------------

def groups(rows: list[dict[str, str]], key: Callable, value: Callable) -> list[set]:
    found: dict[object, set] = defaultdict(set)
    for row in rows:
        if key(row) and value(row):
            found[key(row)].add(value(row))
    return list(found.values())


def day_of(text: str) -> date | None:
    if not ISO_DATE.match(text) or text[:4] in ("1800", "1900"):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def pmr(row: dict[str, str]) -> str:
    return row["pupilmatchingrefanonymous"].strip()


def local(row: dict[str, str]) -> tuple[str, str] | None:
    number = row.get("childidanon", row.get("lachildidanon", "")).strip()
    return (row["la"], number) if row["la"].strip() and number else None


def cells(extract: Extract) -> set[str]:
    return {value for rows in extract.tables.values() for row in rows for value in row.values()}


def starts_outside_childhood(row: dict[str, str]) -> bool:
    start, year, month = day_of(row["dateepicomm"]), row["yearofbirth"], row["monthofbirth"]
    if not (start and year.isdigit() and month.isdigit()):
        return False
    birth = date(int(year), int(month), 1)
    return (birth - start).days > 220 or start >= birth.replace(year=birth.year + 18)


def overlaps(rows: list[dict[str, str]]) -> bool:
    """Whether an episode ends after the next one of its period and year begins."""
    periods: dict[object, list[tuple[date, date]]] = defaultdict(list)
    for row in rows:
        start, end = day_of(row["dateepicomm"]), day_of(row["dateepiceased"])
        if local(row) and start and end and row["rec"] == "X1":
            periods[local(row), row["pocstart"], row["processingyear"]].append((start, end))
    return any(first[1] > second[0] for found in periods.values() for first, second in zip(sorted(set(found)), sorted(set(found))[1:]))


def gaps(rows: list[dict[str, str]]) -> bool:
    """Whether a period has an episode that ends before the next one of the same year begins."""
    starts: dict[object, set[date]] = defaultdict(set)
    for row in rows:
        if local(row) and day_of(row["dateepicomm"]):
            starts[local(row), row["pocstart"]].add(day_of(row["dateepicomm"]))
    return any(row["rec"] == "X1" and local(row) and (end := day_of(row["dateepiceased"])) and end not in starts[local(row), row["pocstart"]]
               and any(0 < (start - end).days < 15 for start in starts[local(row), row["pocstart"]]) for row in rows)


def left_open(rows: list[dict[str, str]]) -> bool:
    """Whether an episode is open although another of the same period and year starts later."""
    latest: dict[object, date] = {}
    for row in rows:
        start, key = day_of(row["dateepicomm"]), (local(row), row["pocstart"], row["processingyear"])
        if local(row) and start and start.year < 2022:
            latest[key] = max(latest.get(key, start), start)
    return any(row["rec"] == "-10" and (start := day_of(row["dateepicomm"])) and start < latest.get((local(row), row["pocstart"], row["processingyear"]), start)
               for row in rows)


def wrong_reason(rows: list[dict[str, str]]) -> bool:
    """Whether an episode began for a change of legal status (L) with the status of the one before it, or of placement (P) with another status."""
    ended = {(local(row), row["dateepiceased"]): row for row in rows if row["rec"] == "X1"}
    for row in rows:
        last = ended.get((local(row), row["dateepicomm"]))
        if last and local(row) and last["processingyear"] == row["processingyear"]:
            same_status = last["legalstatus"].strip().upper() == row["legalstatus"].strip().upper()
            if row["reasonfornewepisode"] == "L" and same_status or row["reasonfornewepisode"] == "P" and not same_status:
                return True
    return False


def restated(rows: list[dict[str, str]]) -> bool:
    """Whether an episode open since an earlier year has another start than in that year's return."""
    starts: dict[object, set[date]] = defaultdict(set)
    for row in rows:
        if local(row) and day_of(row["dateepicomm"]):
            starts[local(row), int(row["processingyear"])].add(day_of(row["dateepicomm"]))
    return any(start < date(year - 1, 3, 31) and start not in starts[child, year - 1]
               for (child, year), found in starts.items() if (child, year - 1) in starts for start in found)


def goes_on_after_death(rows: list[dict[str, str]]) -> bool:
    """Whether a child has an episode that starts on or after the day on which another ceased because the child died."""
    died = {local(row): day_of(row["dateepiceased"]) for row in rows if row["rec"] == "E2" and local(row) and day_of(row["dateepiceased"])}
    return any(start >= died[local(row)] for row in rows if local(row) in died and (start := day_of(row["dateepicomm"])) and start.year < 2022)


def loses_pmr(rows: list[dict[str, str]]) -> bool:
    """Whether a child's row carries no PMR although one of an earlier year does; in true returns it is missing before the first school alone."""
    known: dict[object, str] = {}
    for row in rows:
        if local(row) and pmr(row) and row["acadyr"].strip():
            known[local(row)] = min(known.get(local(row), "9"), row["acadyr"][:4])
    return any(not pmr(row) and local(row) and row["acadyr"].strip()[:4] > known.get(local(row), "9") for row in rows)


def date_form(text: str) -> str:
    """A date with its digits and letters blotted out."""
    return re.sub(r"[A-Z]", "a", re.sub(r"\d", "9", text.strip()))


def by_year(rows: list[dict[str, str]]) -> list[list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        found[row["processingyear"]].append(row)
    return list(found.values())


LOOKS: dict[str, Callable[[Extract], bool]] = {
    "conflicting_sex": lambda x: any({"M", "F"} <= found for found in groups(x.tables["census"], pmr, lambda r: r["gender"])),
    "conflicting_ethnicity": lambda x: any(len(f) > 1 for f in groups(x.tables["census"], pmr, lambda r: r["ethnicgroupminor"].strip("\0 ").upper())),
    "conflicting_birth": lambda x: any(len(f) > 1 for f in groups(
        x.tables["census"], pmr, lambda r: (r["yearofbirth"][:4], r["monthofbirth"].split(".")[0]))),
    "two_pmrs": lambda x: any(len(found) > 1 for table in ("cla", "cin") for found in groups(x.tables[table], local, pmr)),
    "missing_pmr": lambda x: loses_pmr(x.tables["cla"]) and loses_pmr(x.tables["cin"]),
    "missing_school_pmr": lambda x: all(any(not pmr(row) for row in x.tables[name]) for name in ("census", "abs", "exc")),
    "missing_child_id": lambda x: any(not row["childidanon"].strip() and not pmr(row) for row in x.tables["cla"]),
    "missing_area": lambda x: any(not row["la"].strip() for row in x.tables["census"]),
    "missing_academic_year": lambda x: any(not row["acadyr"].strip() for row in x.tables["cla"]),
    "missing_start": lambda x: any(not row["dateepicomm"].strip() for row in x.tables["cla"]),
    "end_before_start": lambda x: any(
        (end := day_of(r["dateepiceased"])) and (start := day_of(r["dateepicomm"])) and end < start for r in x.tables["cla"]),
    "start_after_return_year": lambda x: any(
        (start := day_of(r["dateepicomm"])) and start > date(int(r["processingyear"]), 3, 31) for r in x.tables["cla"] if r["rec"] == "-10"),
    "outside_childhood": lambda x: any(map(starts_outside_childhood, x.tables["cla"])),
    "closure_before_referral": lambda x: any(
        (end := day_of(r["cinclosuredate"])) and (start := day_of(r["cinreferraldate"])) and end < start for r in x.tables["cin"]),
    "corrected_row": lambda x: any(len(f) > 1 for f in groups(
        x.tables["cla"], lambda r: local(r) and (local(r), r["processingyear"], r["dateepicomm"]), lambda r: r["placement"].strip().upper())),
    "dual_registration": lambda x: {"M", "S"} <= {row.get("enrolstatus", "") for row in x.tables["census"]},
    "junk_codes": lambda x: {"A2", "NO", "n0"} <= {r["primaryneedcode"] for r in x.tables["cin"]}
    and {"NFA", "NON", "NONE", "No"} <= {r["reasonforclosure"] for r in x.tables["cin"]}
    and "P " in {r["reasonfornewepisode"] for r in x.tables["cla"]},
    "restyled_codes": lambda x: any(r["legalstatus"].strip() and r["legalstatus"] != r["legalstatus"].strip().upper() for r in x.tables["cla"]),
    "unknown_codes": lambda x: "XX" in {r["placement"] for r in x.tables["cla"]} and "ZZZZ" in {r["ethnicgroupminor"] for r in x.tables["census"]},
    "sentinel_dates": lambda x: {"1800-01-01", "1900-01-01"} <= cells(x),
    "flag_spellings": lambda x: {"1.0", "True", "Y"} <= {r["fsmeligible"] for r in x.tables["census"]},
    "year_spellings": lambda x: any(re.fullmatch(r"\d{4}/\d\d", v) for v in cells(x))
    and any(re.fullmatch(r"20[01]\d{3}", r["acadyr"]) for r in x.tables["cin"]),
    "date_spellings": lambda x: all(any(re.fullmatch(form, v) for v in cells(x)) for form in (
        r"\d\d/\d\d/\d{4}", r"\d\d[A-Z]{3}\d{4}", r"\d{4}-\d\d-\d\d 00:00:00")),
    "unreadable_dates": lambda x: {"31/02/2010", "not known"} <= cells(x),
    "decimal_numbers": lambda x: any(r["yearofbirth"].endswith(".0") for r in x.tables["census"]),
    "ambiguous_link": lambda x: any(len(f) > 1 for f in groups(x.tables["moj"], lambda r: r["mojuid"].strip(), pmr)),
    "many_to_many_links": lambda x: any(len(f) > 1 for f in groups(x.tables["moj"], pmr, lambda r: r["mojuid"].strip()))
    and any(len(f) > 1 for f in groups(x.tables["moj"], lambda r: r["mojuid"].strip(), pmr)),
    "blank_links": lambda x: any(not pmr(r) for r in x.tables["moj"]) and any(not r["mojuid"].strip() for r in x.tables["moj"]),
    "blank_spellings": lambda x: {" ", "    "} <= cells(x),
    "exact_duplicate": lambda x: all(any(
        len(set(map(tuple, lines))) < len(lines) for name, lines in x.lines.items() if name.startswith(start))
        for start in ("CLA", "CIN", "Absence", "Exclusions", "KS4", "PNC", "MoJ")),
    "missing_end": lambda x: any(not r["dateepiceased"].strip() and r["rec"].strip() not in ("-10", "") for r in x.tables["cla"]),
    "missing_reason": lambda x: any(day_of(r["dateepiceased"]) and not r["rec"].strip() for r in x.tables["cla"]),
    "restated_start": lambda x: restated(x.tables["cla"]),
    "episode_after_death": lambda x: goes_on_after_death(x.tables["cla"]),
    "abolished_status": lambda x: any(r["legalstatus"] == "D1" and r["dateepicomm"][:4].isdigit() and 2006 <= int(r["dateepicomm"][:4]) for r in x.tables["cla"]),
    "plan_ends_before_start": lambda x: any(
        (end := day_of(r["cppenddate"])) and (start := day_of(r["cppstartdate"])) and end < start for r in x.tables["cin"]),
    "missing_disposal": lambda x: any(not (r["disposalcode"] + r["disposaltext"]).strip() for r in x.tables["pnc"]),
    "repeated_offence": lambda x: any(len(f) > 1 for f in groups(
        x.tables["pnc"], lambda r: r["mojuid"] and (r["mojuid"], r["recno"], r["offence"], day_of(r["offencedate"])), lambda r: r["disposaltext"].strip().upper())),
    "overlapping_episode": lambda x: overlaps(x.tables["cla"]),
    "need_changed_in_period": lambda x: any(len(f) > 1 for f in groups(
        x.tables["cla"], lambda r: local(r) and (local(r), r["pocstart"]), lambda r: r["catneed"].strip().upper())),
    "parents_under_section_20": lambda x: any(r["legalstatus"] == "V2" and r["placement"] == "P1" for r in x.tables["cla"]),
    "early_period_start": lambda x: any(len(f) > 1 for f in groups(
        x.tables["cla"], lambda r: local(r) and (local(r), r["dateepicomm"], r["legalstatus"], r["placement"]), lambda r: day_of(r["pocstart"]))),
    "resent_closed": lambda x: any(
        (end := day_of(r["dateepiceased"])) and end < date(int(r["processingyear"].split(".")[0]) - 1, 3, 31) for r in x.tables["cla"] if r["rec"] == "X1"),
    "nfa_and_need": lambda x: any(r["referralnfa"] in ("1", "1.0", "Y", "True") and r["reasonforclosure"].startswith(("RC7", "RC8")) for r in x.tables["cin"]),
    "plan_after_closure": lambda x: any(
        (end := day_of(r["cinclosuredate"])) and (start := day_of(r["cppstartdate"])) and start > end for r in x.tables["cin"]),
    "repeated_permanent": lambda x: any(r.get("category1") == r.get("category2") == "PERM" for r in x.tables["exc"]),
    "impossible_sessions": lambda x: {"760", "999", "1520"} & {r["sessionspossibleannual"] for r in x.tables["abs"]},
    "more_absence_than_sessions": lambda x: any(r["overallabsenceannual"] == "600" for r in x.tables["abs"]),
    "missing_sessions": lambda x: any(r.get("category") == "FIXD" and not r["sessions"].strip() for r in x.tables["exc"]),
    "offence_before_ten": lambda x: any(r["offenceage"].split(".")[0] in list("456789") for r in x.tables["pnc"]),
    "sentence_before_offence": lambda x: any(
        (end := day_of(r["sentencedate"])) and (start := day_of(r["offencedate"])) and end < start for r in x.tables["pnc"]),
    # Scottish records are in a clean world too: lives cross the border
    "other_country": lambda x: {"Northern Ireland", "Foreign"} & {r["country"] for r in x.tables["pnc"]},
    "missing_offence_date": lambda x: any(not r["offencedate"].strip() for r in x.tables["pnc"]),
    "dates_turned_round": lambda x: any(
        (end := day_of(r["completiondate"])) and (start := day_of(r["firsthearingdate"])) and end < start for r in x.tables["mag"]),
    "false_gap": lambda x: gaps(x.tables["cla"]),
    "left_open": lambda x: left_open(x.tables["cla"]),
    "too_young": lambda x: any(r["placement"] == "P2" and r["dateepicomm"][:4].isdigit() and r["yearofbirth"][:4].isdigit()
                               and int(r["dateepicomm"][:4]) - int(r["yearofbirth"][:4]) < 10 for r in x.tables["cla"]),
    "wrong_reason_new_episode": lambda x: wrong_reason(x.tables["cla"]),
    "missing_flag": lambda x: any(not r["referralnfa"].strip() for r in x.tables["cin"]),
    "plan_before_referral": lambda x: any(
        (plan := day_of(r["cppstartdate"])) and (start := day_of(r["cinreferraldate"])) and start.year < 2030 and plan < start for r in x.tables["cin"]),
    "odd_dates": lambda x: "cla" in x.tables and any(len({date_form(r["dateepicomm"]) for r in rows} - {""}) > 1 for rows in by_year(x.tables["cla"])),
    "nul_bytes": lambda x: any(b"\0" in data for data in x.raw.values()),
    "latin_1_bytes": lambda x: any(b"Caf\xe9" in data for data in x.raw.values()),
    "malformed_lines": lambda x: all(
        {-3, 0, 1} == {len(line) - len(lines[0]) for line in lines} for name, lines in x.lines.items() if name.startswith(("CLA", "CIN"))),
}


def test_every_kind_of_dirt_is_looked_for() -> None:
    assert set(KINDS) == set(LOOKS)


@pytest.mark.parametrize("kind", LOOKS)
def test_dirt_is_in_the_sample_and_not_in_a_clean_world(kind: str, dirty: dict[str, Extract], clean: dict[str, Extract]) -> None:
    assert LOOKS[kind](dirty["all_episodes_share"])
    assert not LOOKS[kind](clean["all_episodes_share"])


def test_first_share_is_dirty_too(dirty: dict[str, Extract], clean: dict[str, Extract]) -> None:
    for kind in ("missing_start", "end_before_start", "missing_academic_year", "restyled_codes", "exact_duplicate", "malformed_lines",
                 "sentinel_dates"):
        assert LOOKS[kind](dirty["first_share"]), kind
        assert not LOOKS[kind](clean["first_share"]), kind


def test_no_child_of_the_first_share_has_two_episode_starts_in_a_year(dirty: dict[str, Extract]) -> None:
    # Dirt must not make the share look like one of all episodes: a spelling of the date is not another date.
    rows = dirty["first_share"].tables["cla"]
    starts = groups(rows, lambda r: pmr(r) and (pmr(r), r["processingyear"]), lambda r: day_of(r["dateepicomm"]))
    assert len(starts) > 100 and all(len(found) == 1 for found in starts)


# -- the ledger -------------------------------------------------------------------------------------------------------------------------------
#
# The same world is made clean and with some kinds of dirt, and what differs between the files is counted without asking the ledger.

ADDING = ("resent_closed", "corrected_row", "dual_registration", "exact_duplicate", "many_to_many_links", "ambiguous_link",
          "repeated_permanent", "repeated_offence", "offence_before_ten", "other_country")  # kinds that add rows
CHANGING = tuple(kind for kind in KINDS if kind not in (*ADDING, *RESTYLED, "malformed_lines"))


def spoiled(folder: Path, share: str, kinds: tuple[str, ...]) -> tuple[Path, pd.DataFrame]:
    """The sample's world with some kinds of dirt only, and its ledger."""
    without = [text for kind in KINDS if kind not in kinds for text in ("--dirt", f"{kind}=0")]
    assert main(["--out", str(folder), "--share", share, "--quiet", *without]) == 0
    return folder, pd.read_parquet(folder / "truth" / "dirt_ledger.parquet").fillna("")


def bare(column: str) -> str:
    """A column name without case and signs."""
    return re.sub(r"[^a-z0-9]", "", column.lower())


def columns_of(extract: Extract, share: str) -> dict[tuple[str, str], Counter[str]]:
    """How often each value occurs in each column of each table, by the generator's names of both."""
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for file in file_list(SHARES[share]):
        if file.full_name in extract.lines:
            names = {bare(delivered): name for name, delivered in delivered_names(file.table, file.year, share == "first").items()}
            header, *lines = extract.lines[file.full_name]
            for column, values in zip(header, zip(*lines)):
                found[file.table, names[bare(column)]].update(values)
    return found


@pytest.fixture(scope="module")
def counted(clean: dict[str, Extract]) -> dict[str, dict[tuple[str, str], Counter[str]]]:
    """Values of each column of the clean world, by share."""
    return {share: columns_of(clean[name], share) for share, name in FOLDERS.items()}


@dataclass
class Changed:
    """A world in which cells are changed and no rows added: its ledger; by share, table and column, how many values the files gained or lost that the
    ledger does not explain, with examples; and how many of those may have changed along with a fault entered under another column."""

    ledger: pd.DataFrame
    unexplained: dict[tuple[str, str, str], tuple[int, list]]
    companions: Counter[tuple[str, str, str]]


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory, counted: dict[str, dict[tuple[str, str], Counter[str]]]) -> Changed:
    folder, ledger = spoiled(tmp_path_factory.mktemp("changed"), "both", CHANGING)
    faults = {place: (Counter(rows["before"]), Counter(rows["after"])) for place, rows in ledger.groupby(["share", "table", "column"])}
    unexplained = {}
    for share, name in FOLDERS.items():
        found = columns_of(read_extract(folder / name), share)
        assert found.keys() == counted[share].keys()
        for place, values in found.items():
            before, after = faults.get((share, *place), (Counter(), Counter()))
            gained = Counter(values)
            gained.subtract(counted[share][place])
            gained.subtract(after)
            gained.update(before)
            unexplained[share, *place] = max((+gained).total(), (-gained).total()), [(+gained).most_common(3), (-gained).most_common(3)]
    companions: Counter[tuple[str, str, str]] = Counter()
    for kind, entered, others in COMPANIONS:
        mine = ledger[(ledger["kind"] == kind) & (ledger["column"] == entered)]
        companions.update((share, table, other) for share, table in zip(mine["share"], mine["table"]) for other in others)
    return Changed(ledger, unexplained, companions)


@pytest.mark.parametrize("kind", CHANGING)
def test_cells_are_changed_in_the_planted_number(changed: Changed, kind: str) -> None:
    mine = changed.ledger[changed.ledger["kind"] == kind]
    assert len(mine) > 0 and (mine["cells"] == 1).all() and (mine["key"] != "").all()
    for place in set(zip(mine["share"], mine["table"], mine["column"])):
        cells, examples = changed.unexplained[place]
        assert cells <= changed.companions[place], f"{place}: {cells} cells changed beyond the ledger, gained and lost: {examples}"


def test_no_cell_changes_without_the_ledger(changed: Changed) -> None:
    silent = {place: found for place, found in changed.unexplained.items() if found[0] > changed.companions[place]}
    assert len(changed.unexplained) > 200
    assert not silent


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory, clean: dict[str, Extract]) -> tuple[Counter, Counter]:
    """How many rows each kind that repeats rows has added, by the ledger and by the files, in a world with those kinds alone."""
    folder, ledger = spoiled(tmp_path_factory.mktemp("added"), "all-episodes", ADDING)
    found: Counter[str] = Counter()
    for name, (header, *lines) in read_extract(folder).lines.items():
        names = [plain_name(column) for column in header]
        before = Counter(map(tuple, clean["all_episodes_share"].lines[name][1:]))
        apart = [place for place, column in enumerate(names) if column not in ("acadyr", "processingyear")]
        any_year = {tuple(line[place] for place in apart) for line in before}
        for line, count in Counter(map(tuple, lines)).items():
            row = dict(zip(names, line))
            found["exact_duplicate"] += count - max(before[line], 1)
            if line in before:
                continue
            if name.startswith("CLA"):
                found["resent_closed" if tuple(line[place] for place in apart) in any_year else "corrected_row"] += 1
            elif name.startswith("CIN"):
                found["corrected_row"] += 1
            elif name.startswith("Spring"):
                found["dual_registration"] += row["enrolstatus"] == "S" and row["urn"].startswith("99800")
            elif name.startswith("PNC"):
                young, abroad = row["offenceage"] in tuple("456789"), row["country"] != "England and Wales"
                found["offence_before_ten" if young else "other_country" if abroad else "repeated_offence"] += 1
            elif name.startswith("MoJ"):
                found["second_moj_uid" if row["mojuid"] not in {line[names.index("mojuid")] for line in before} else "second_pmr"] += 1
            elif name.startswith("Exclusions"):
                found["repeated_permanent"] += "PERM" == row.get("category", row.get("category2"))
    return Counter(ledger["kind"]), found


# Kinds that the files cannot tell apart: both links give a MoJUID a second PMR, and a permanent exclusion reported again may be the same line to the letter.
ALIKE = (("resent_closed",), ("corrected_row",), ("dual_registration",), ("second_moj_uid",), ("second_pmr", "ambiguous_link"), ("repeated_offence",),
         ("offence_before_ten",), ("other_country",), ("exact_duplicate", "repeated_permanent"))  # fmt: skip


@pytest.mark.parametrize("kinds", ALIKE)
def test_rows_are_added_in_the_planted_number(added: tuple[Counter, Counter], kinds: tuple[str, ...]) -> None:
    planted, found = added
    assert all(planted[kind] > 0 for kind in kinds)
    assert sum(found[kind] for kind in kinds) == sum(planted[kind] for kind in kinds)


@pytest.fixture(scope="module")
def restyled(tmp_path_factory: pytest.TempPathFactory, counted: dict[str, dict[tuple[str, str], Counter[str]]]) -> tuple[pd.DataFrame, dict[tuple[str, str], Counter]]:
    """The ledger of a world in which some years are written in another style, and what each column gained."""
    folder, ledger = spoiled(tmp_path_factory.mktemp("restyled"), "all-episodes", RESTYLED)
    before, after = counted["all-episodes"], columns_of(read_extract(folder), "all-episodes")
    return ledger, {place: after[place] - before[place] for place in before}


@pytest.mark.parametrize(("kind", "looks"), [
    ("flag_spellings", r"1\.0|0\.0|True|False|Y|N"), ("date_spellings", r"\d\d/\d\d/\d{4}|\d\d[A-Z]{3}\d{4}|\d{4}-\d\d-\d\d 00:00:00")])
def test_years_are_restyled_in_the_planted_number(restyled: tuple[pd.DataFrame, dict], kind: str, looks: str) -> None:
    ledger, gained = restyled
    mine = ledger[ledger["kind"] == kind]
    assert not mine.duplicated(["table", "column", "key"]).any(), "a restyled column and year is one fault"
    for (table, column), rows in mine.groupby(["table", "column"]):
        assert all(re.fullmatch(looks, value) for value in gained[table, column]), (table, column)
        assert gained[table, column].total() == rows["cells"].sum(), (table, column)
    untouched = {place for place, values in gained.items() if values} - set(zip(ledger["table"], ledger["column"]))
    assert not untouched


def test_lines_are_broken_in_the_planted_number(dirty: dict[str, Extract], sample_ledger: pd.DataFrame) -> None:
    for share, name in FOLDERS.items():
        broken = sum(len(line) != len(lines[0]) for lines in dirty[name].lines.values() for line in lines)
        mine = sample_ledger[(sample_ledger["kind"] == "malformed_lines") & (sample_ledger["share"] == share)]
        assert broken == len(mine) > 0


@pytest.fixture(scope="module")
def sample_ledger() -> pd.DataFrame:
    return pd.read_parquet(SAMPLE / "truth" / "dirt_ledger.parquet").fillna("")


def test_the_ledger_has_every_kind_and_says_what_was_there(sample_ledger: pd.DataFrame) -> None:
    kinds = set(sample_ledger["kind"].replace({"second_moj_uid": "many_to_many_links", "second_pmr": "many_to_many_links"}))
    assert kinds == set(KINDS)
    in_cells = sample_ledger[~sample_ledger["kind"].isin([*ADDING, "malformed_lines", "second_moj_uid", "second_pmr"])]
    assert (in_cells["before"] != in_cells["after"]).all() and (in_cells["key"] != "").all()
    junk = sample_ledger[sample_ledger["kind"] == "junk_codes"]
    assert set(zip(junk["table"], junk["column"], junk["before"], junk["after"])) <= set(JUNK)


def test_a_rate_is_an_option(tmp_path: Path) -> None:
    for rate in ("0", "0.5"):
        assert main(["--pupils", "300", "--share", "first", "--areas", "806", "--enrich", "5", "--dirt", f"missing_start={rate}", "--out", str(tmp_path / rate), "--quiet"]) == 0
    blank = {rate: [not row["dateepicomm"].strip() for row in read_extract(tmp_path / rate).tables["cla"]] for rate in ("0", "0.5")}
    assert not any(blank["0"])
    assert 0.35 < np.mean(blank["0.5"]) < 0.6


# -- truth ------------------------------------------------------------------------------------------------------------------------------------

SEEN = ("ever_child_looked_after", "has_respite_only", "ever_child_in_need", "years_child_in_need", "cpp_by_category_of_abuse", "cpp_by_previous_plans",
        "ever_child_protection_plan", "social_care_level", "care_days_observed", "first_care_date")


@pytest.mark.parametrize("share", ["first_share", "all_episodes_share"])
def test_truth_is_what_the_definitions_make_of_clean_files(clean: dict[str, Extract], share: str) -> None:
    def seed(path: str) -> pd.DataFrame:
        return pd.read_csv(ROOT / "seeds" / path, dtype=str, keep_default_na=False)

    found = recompute(clean["folder"] / share, recodes=seed("recodes/recodes.csv"), ethnicity=seed("lookups/npd_ethnicity_minor.csv"))[
        "social_care_exposures"].set_index("pupil_id")
    truth = pd.read_parquet(clean["folder"] / "truth" / "pupils.parquet")
    truth = truth[truth["is_pupil"]].set_index("pupil_id").reindex(found.index)
    wrong = {}
    for name in SEEN:
        left, right = found[name], truth[f"{share}_{name}"]
        if name == "first_care_date":
            left, right = pd.to_datetime(left), pd.to_datetime(right)
        if name == "care_days_observed":
            right = right.where(truth[f"{share}_n_care_episodes_observed"] > 0)
        if name == "social_care_level":
            right = right.where(truth[f"{share}_is_in_education_data"] | (right != "no_contact"))
        differs = ~((left.isna() & right.isna()) | (left.astype(object).where(left.notna()) == right.astype(object).where(right.notna())))
        if differs.any():
            wrong[name] = f"{int(differs.sum())} of {len(found)}: {left[differs].iloc[0]!r} in the files, {right[differs].iloc[0]!r} in the truth"
    assert len(found) > 1_900
    assert not wrong


def test_the_link_table_is_the_truth_of_links(clean: dict[str, Extract]) -> None:
    truth = pd.read_parquet(clean["folder"] / "truth" / "pupils.parquet")
    linked = truth[truth["is_linked_to_offender"] & (truth["link_year"] <= 2020) & (truth["link_year"] > 0)]
    assert {(row["mojuid"], pmr(row)) for row in clean["all_episodes_share"].tables["moj"]} == set(zip(linked["moj_uid"], linked["pupil_id"]))


def test_suspensions_and_offences_of_the_files_are_those_of_the_truth(clean: dict[str, Extract]) -> None:
    truth = pd.read_parquet(clean["folder"] / "truth" / "pupils.parquet")
    tables = clean["all_episodes_share"].tables
    starts = [(pmr(r), r[f"startdate{slot}"]) for r in tables["exc"] for slot in ("", *range(1, 41))
              if r.get(f"category{slot}") in ("FIXD", "SUSP") and r[f"startdate{slot}"]]
    first = {}
    for child, start in sorted(starts, reverse=True):
        first[child] = start
    since_2006 = truth[truth["first_suspension_date"].astype(str) >= "2005-09-01"]
    since_2006 = since_2006[since_2006["first_suspension_date"].notna() & (since_2006["first_suspension_date"].astype(str) < "2021-09-01")]
    assert {child: str(day) for child, day in zip(since_2006["pupil_id"], since_2006["first_suspension_date"])}.items() <= first.items()
    sanctions = pd.read_parquet(clean["folder"] / "truth" / "sanctions.parquet")
    recorded = sanctions[sanctions["sentence_date"].astype(str).between("2000-01-01", "2020-12-31")]
    # the record also holds what is no sanction: acquittals, breaches, sentences in Scotland
    assert len({row["recno"] for row in tables["pnc"] if row["disposaltext"] in set(recorded["disposal"]) and row["country"] != "Scotland"}) == len(recorded)


def test_the_order_of_care_and_offending_is_not_set(england: Path) -> None:
    truth = pd.read_parquet(england / "truth" / "pupils.parquet")
    both = truth[truth["first_care_date"].notna() & truth["first_offence_date"].notna()]
    care_first = (both["first_care_date"] < both["first_offence_date"]).mean()
    assert 0.5 < care_first < 0.95, f"care comes first for {care_first:.0%} of the children with both"


def test_a_change_of_hazard_has_the_planted_strength() -> None:
    n = 400_000
    rng = np.random.default_rng(1)
    never, early = np.full(n, np.inf), np.full(n, 2.0)
    plain = onset(rng, np.array([0.0, 10.0]), np.array([0.02]), np.ones(n), [(never, 3.0)])
    raised = onset(rng, np.array([0.0, 10.0]), np.array([0.02]), np.ones(n), [(early, 3.0)])
    assert abs(np.mean(plain < 10) - (1 - np.exp(-0.2))) < 0.003
    assert abs(np.mean(raised < 2) - (1 - np.exp(-0.04))) < 0.002
    assert abs(np.mean(raised < 10) - (1 - np.exp(-0.04 - 0.48))) < 0.003


def test_even_draws_are_uniform_and_fill_every_stretch() -> None:
    drawn = np.stack([evenly(np.random.default_rng(seed), np.arange(300) // 3) for seed in range(400)])
    assert ((drawn >= 0) & (drawn < 1)).all()
    assert np.abs(drawn.mean(axis=0) - 0.5).max() < 0.07 and np.abs(drawn.mean() - 0.5) < 0.002  # each place for itself is as random as a free draw
    below = (drawn < 0.25)[:, 100:200].sum(axis=1)  # of a hundred neighbours: free draws would have 25 give or take 4.3
    assert abs(below.mean() - 25) < 0.5 and below.std() < 1.5, (below.mean(), below.std())
    assert evenly(np.random.default_rng(1), np.zeros(0)).shape == (0,)


def test_even_events_happen_as_often_as_their_chances_say() -> None:
    rng = np.random.default_rng(3)
    chance, area = rng.random(3000) ** 3, np.arange(3000) // 100
    hits = np.stack([even_events(np.random.default_rng(seed), chance, area) < chance for seed in range(200)])
    assert abs(hits.mean() - chance.mean()) < 0.001
    for place in np.unique(area):
        assert np.abs(hits[:, area == place].sum(axis=1) - chance[area == place].sum()).max() <= 1  # free draws: give or take 3.6


def test_draws_in_balance_keep_the_mix_and_one_option_of_a_case() -> None:
    rng = np.random.default_rng(5)
    case = np.repeat(np.arange(1500), 2)
    trait, chance = rng.random((3000, 4)) < 0.3, rng.uniform(0.02, 0.3, 3000)
    found = np.stack([balanced(np.random.default_rng(seed), chance, trait, case) for seed in range(30)])
    assert found.reshape(30, 1500, 2).sum(axis=2).max() == 1
    expected = (chance[:, None] * trait).sum(axis=0)
    off = found.astype(int) @ trait.astype(int) - expected  # free draws: give or take 10 to 11
    assert np.abs(off.mean(axis=0)).max() < 3 and off.std(axis=0).max() < 7, (off.mean(axis=0), off.std(axis=0))


# -- calibration ------------------------------------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def figures(england: Path) -> list[Line]:
    return compare(england / "truth")[0]


def test_published_shares_are_met(figures: list[Line]) -> None:
    """Every share measured on 1,000 cases or more, but for the sampling error of this smaller world."""
    wrong = []
    for line in figures:
        if line.section not in ("shares", "offending", "age at first offence") or line.cases < 1000 or line.world is None:
            continue
        error = 3 * np.sqrt(line.published * (100 - line.published) / line.cases)
        limit = error + (2 if line.published >= 10 else max(0.2 * line.published, 0.5))
        if abs(line.world - line.published) > limit:
            wrong.append(f"{line.group}: {line.measure}: published {line.published:g}, world {line.world:.2f}, allowed {limit:.2f}")
    assert sum(line.cases >= 1000 for line in figures) > 60
    assert not wrong, wrong


@pytest.mark.parametrize(("published", "world", "cases", "verdict"), [
    (50, 52, 100, ""), (50, 53, 100, "chance"), (50, 53, 10_000, "BEYOND CHANCE"), (5, 6, 10_000, ""), (5, 6.1, 10_000, "BEYOND CHANCE"),
    (0.14, 0.1, 1000, "no whole number of cases"), (0.14, 0.08, 1300, "chance"), (0, 0.4, 1000, ""), (0, 0.6, 300, "chance"),
])
def test_a_miss_is_told_with_its_reason(published: float, world: float, cases: int, verdict: str) -> None:
    line = Line("section", "group", "measure", "per cent", published, world, cases, "source")
    assert line.verdict == verdict and line.reason.startswith(verdict)
    assert not verdict or f"standard errors of {line.standard_error:.2f}" in line.reason


def test_authorities_differ_as_published(figures: list[Line]) -> None:
    found = {line.group: line.world for line in figures if line.section == "authorities"}
    assert found["fsm_percent"] > 0.9 and found["pupils"] > 0.95 and found["any_offence"] > 0.45, found


def test_half_of_the_local_ids_lack_a_pmr_and_most_offenders_are_linked(figures: list[Line]) -> None:
    found = {line.measure: line.world for line in figures if line.section == "linkage"}
    assert abs(found["linked to a pupil"] - 77) < 2.5, found
    assert 40 < found["without a PMR"] < 60, found


def test_files_differ_in_form(dirty: dict[str, Extract]) -> None:
    extract = dirty["all_episodes_share"]
    raw = extract.raw
    assert raw["Spring_PLASC_2002.txt"].startswith(b"\xef\xbb\xbf") and raw["Spring_PLASC_2002.txt"].count(b"\r\n") > 900
    assert "Spring_Census_2012.parquet" in extract.lines and b"\t" not in raw["Spring_PLASC_2003.csv"]
    headers = {name: lines[0] for name, lines in extract.lines.items()}
    assert "SENstatus_SPR05" in headers["Spring_PLASC_2005.txt.gz"] and "SENprovision_SPR06" in headers["Spring_PLASC_2006.txt.gz"]
    assert "PUPILMATCHINGREFANONYMOUS_SPR09" in headers["Spring_Census_2009.txt.gz"]
    assert "pupil_matching_ref_anonymous_spr17" in headers["Spring_Census_2017.txt.gz"]
    assert all(re.search(r"_spr\d\d$", column, re.IGNORECASE) for name, columns in headers.items() if name.startswith("Spring") for column in columns)
    assert "mo_juid" in dirty["first_share"].lines["CIN_08-09_to_16-17.txt.gz"][0]


# -- the command line -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [
    (), ("--out", "x", "--dirt", "mud=0.1"), ("--out", "x", "--dirt", "missing_pmr=2"), ("--out", "x", "--areas", "Atlantis"), ("--out", "x", "--enrich", "0"),
    ("--out", "x", "--format", "xml"), ("--out", "x", "--pupils", "0"), ("--out", "x", "--pupils", "many"), ("--out", "x", "--share", "second"), ("--out", "x", "--seed", "-1"),
    ("--out", "x", "--unknown"),
])
def test_bad_arguments_are_told_in_one_line(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(list(arguments))
    told = capsys.readouterr().err
    assert stop.value.code == 2
    assert told.startswith("synthetic: error: ") and told.count("\n") == 1


def test_unwritable_folder_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    command = [sys.executable, "-m", "synthetic", "--pupils", "5", "--out", str(tmp_path / "file" / "folder")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("synthetic: error: cannot write to ") and done.stderr.count("\n") == 1


def test_too_little_disk_is_told_before_anything_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 5_000_000_000})())
    assert main(["--pupils", "15000000", "--out", str(tmp_path)]) == 2
    assert re.search(r"about \d+\.\d GB are needed and 5\.0 GB are free", capsys.readouterr().err)
    assert not any(tmp_path.rglob("*.gz"))


def test_the_report_writes_a_table_and_a_page(tmp_path: Path, clean: dict[str, Extract], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(clean["folder"]), "--out", str(tmp_path)]) == 0
    assert "figures within tolerance" in capsys.readouterr().out
    table = pd.read_csv(tmp_path / "comparison.csv")
    assert len(table) > 200 and {"published", "world", "within_tolerance", "source"} <= set(table.columns)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count("<svg") > 10 and "http" not in page


def test_the_report_tells_a_missing_world_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(tmp_path / "nowhere"), "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_folder_with_other_data_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Probation.txt").write_text("someone else's\n")
    assert main(["--pupils", "5", "--share", "first", "--out", str(tmp_path)]) == 2
    assert "Probation.txt" in capsys.readouterr().err
