"""The generator of synthetic extracts: the bundled sample, determinism, the two shares, the dirt and the command line.

The files are read here without the generator's own code, as a stranger would read them.
"""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from synthetic.__main__ import main  # noqa: E402
from synthetic.dirt import DIRT  # noqa: E402

SAMPLE = ROOT / "synthetic" / "sample"
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass
class Extract:
    """The files of one folder: their bytes after decompression, and their lines split into fields by column name."""

    raw: dict[str, bytes]
    lines: dict[str, list[list[str]]]
    tables: dict[str, list[dict[str, str]]]


def plain_name(column: str) -> str:
    """One name for CLA_CLA_LA and la, MoJUID_SPR12 and mo_juid."""
    return re.sub(r"spr\d\d$", "", re.sub(r"[^a-z0-9]", "", re.sub(r"^((cla|cin)_)+", "", column.lower())))


def decompressed(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def read_extract(folder: Path) -> Extract:
    extract = Extract({}, {}, defaultdict(list))
    for path in sorted(folder.iterdir()):
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
    assert main(["--out", str(folder), "--clean"]) == 0
    return {name: read_extract(folder / name) for name in ("first_share", "all_episodes_share")}


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# -- the bundled sample -----------------------------------------------------------------------------------------------------------------------

def test_defaults_reproduce_the_bundled_sample(tmp_path: Path) -> None:
    assert main(["--out", str(tmp_path)]) == 0
    assert list(files_of(tmp_path)) == list(files_of(SAMPLE))
    for name in files_of(SAMPLE):
        made, kept = tmp_path / name, SAMPLE / name
        if made.suffix == ".parquet":
            assert pq.read_table(made).equals(pq.read_table(kept)), name
        else:
            assert decompressed(made) == decompressed(kept), name


def test_sample_is_small() -> None:
    assert sum(map(len, files_of(SAMPLE).values())) <= 3_000_000


def test_sample_holds_every_level_of_contact(dirty: dict[str, Extract]) -> None:
    tables = dirty["all_episodes_share"].tables
    pupils = {row["pupilmatchingrefanonymous"] for row in tables["census"]}
    looked_after = {row["pupilmatchingrefanonymous"] for row in tables["cla"]} & pupils
    in_need = {row["pupilmatchingrefanonymous"] for row in tables["cin"]} & pupils
    planned = {row["pupilmatchingrefanonymous"] for row in tables["cin"] if row["cppstartdate"].strip()} & pupils
    assert 0.03 < len(looked_after) / 3000 < 0.09
    assert 0.18 < len(in_need) / 3000 < 0.28
    assert 0.04 < len(planned) / 3000 < 0.09
    assert {"V1", "V3", "V4"} <= {row["legalstatus"] for row in tables["cla"]}
    assert {"E4", "E4A", "E4B", "E13", "X1", "-10"} <= {row["rec"] for row in tables["cla"]}
    assert "1" in {row["uascstatus"] for row in tables["cla"]}


def test_codes_change_with_the_return_year(clean: dict[str, Extract]) -> None:
    for extract in clean.values():
        for row in extract.tables["cla"]:
            year = int(row["acadyr"][5:])
            assert (row["placement"][0] == "U") <= (year >= 2016) and (row["placement"][0] == "Q") <= (year <= 2015)
            assert (row["rec"] in ("E4A", "E4B", "E13")) <= (year >= 2015) and (row["rec"] == "E4") <= (year <= 2014)


# -- determinism ------------------------------------------------------------------------------------------------------------------------------

def test_same_seed_same_bytes_other_seed_other_bytes(tmp_path: Path) -> None:
    for folder, seed in (("one", "7"), ("again", "7"), ("other", "8")):
        assert main(["--pupils", "80", "--seed", seed, "--out", str(tmp_path / folder)]) == 0
    assert files_of(tmp_path / "one") == files_of(tmp_path / "again")
    one, other = files_of(tmp_path / "one"), files_of(tmp_path / "other")
    assert all(one[name] != other[name] for name in one.keys() & other.keys())


def test_one_share_is_the_same_alone_as_with_the_other(tmp_path: Path) -> None:
    assert main(["--pupils", "80", "--out", str(tmp_path / "both")]) == 0
    for share, folder in (("first", "first_share"), ("all-episodes", "all_episodes_share")):
        assert main(["--pupils", "80", "--share", share, "--out", str(tmp_path / share)]) == 0
        assert files_of(tmp_path / share) == files_of(tmp_path / "both" / folder)


@pytest.mark.parametrize("pupils", ["1", "2", "9"])
def test_tiny_worlds_are_written(tmp_path: Path, pupils: str) -> None:
    assert main(["--pupils", pupils, "--out", str(tmp_path)]) == 0


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
    assert len(wanted) > 300


def test_first_share_has_one_row_per_child_and_year_in_need(clean: dict[str, Extract]) -> None:
    rows = [(row["pupilmatchingrefanonymous"], row["acadyr"]) for row in clean["first_share"].tables["cin"] if row["pupilmatchingrefanonymous"]]
    assert len(rows) == len(set(rows))


def test_census_rows_of_both_shares_are_the_same_but_for_links(clean: dict[str, Extract]) -> None:
    def rows(extract: Extract) -> set[tuple[tuple[str, str], ...]]:
        return {tuple(sorted((k, v) for k, v in row.items() if k != "mojuid")) for row in extract.tables["census"]}

    assert rows(clean["first_share"]) < rows(clean["all_episodes_share"])


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
    return (row["la"], row["childidanon"]) if row["la"].strip() and row["childidanon"].strip() else None


def cells(extract: Extract) -> set[str]:
    return {value for rows in extract.tables.values() for row in rows for value in row.values()}


def starts_outside_childhood(row: dict[str, str]) -> bool:
    start, year, month = day_of(row["dateepicomm"]), row["yearofbirth"], row["monthofbirth"]
    if not (start and year.isdigit() and month.isdigit()):
        return False
    birth = date(int(year), int(month), 1)
    return (birth - start).days > 220 or start >= birth.replace(year=birth.year + 18)


LOOKS: dict[str, Callable[[Extract], bool]] = {
    "conflicting_sex": lambda x: any({"M", "F"} <= found for found in groups(x.tables["census"], pmr, lambda r: r["gender"])),
    "conflicting_ethnicity": lambda x: any(len(f) > 1 for f in groups(x.tables["census"], pmr, lambda r: r["ethnicgroupminor"].strip("\0 ").upper())),
    "conflicting_birth": lambda x: any(len(f) > 1 for f in groups(
        x.tables["census"], pmr, lambda r: (r["yearofbirth"][:4], r["monthofbirth"].split(".")[0]))),
    "two_pmrs": lambda x: any(len(found) > 1 for found in groups(x.tables["cla"], local, pmr)),
    "missing_pmr": lambda x: any(not pmr(row) for row in x.tables["census"]),
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
    "many_to_many_links": lambda x: any(len(f) > 1 for f in groups(x.tables["moj"], pmr, lambda r: r["mojuid"].strip()))
    and any(len(f) > 1 for f in groups(x.tables["moj"], lambda r: r["mojuid"].strip(), pmr)),
    "blank_links": lambda x: any(not pmr(r) for r in x.tables["moj"]) and any(not r["mojuid"].strip() for r in x.tables["moj"]),
    "blank_spellings": lambda x: {" ", "    "} <= cells(x),
    "exact_duplicate": lambda x: all(len(set(map(tuple, lines))) < len(lines) for name, lines in x.lines.items() if not name.startswith("Spring")),
    "nul_bytes": lambda x: any(b"\0" in data for data in x.raw.values()),
    "latin_1_bytes": lambda x: any(b"Caf\xe9" in data for data in x.raw.values()),
    "malformed_lines": lambda x: all(
        {-3, 0, 1} == {len(line) - len(lines[0]) for line in lines} for name, lines in x.lines.items() if name.startswith(("CLA", "CIN"))),
}


def test_every_kind_of_dirt_is_looked_for() -> None:
    assert {dirt.kind for dirt in DIRT} | {"malformed_lines"} == set(LOOKS)


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
    assert len(starts) > 200 and all(len(found) == 1 for found in starts)


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

def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "synthetic", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", [
    (), ("--out", "x", "--pupils", "0"), ("--out", "x", "--pupils", "many"), ("--out", "x", "--share", "second"), ("--out", "x", "--seed", "-1"),
    ("--out", "x", "--unknown"),
])
def test_bad_arguments_are_told_in_one_line(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("synthetic: error: ") and done.stderr.count("\n") == 1


def test_unwritable_folder_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = run("--pupils", "5", "--out", str(tmp_path / "file" / "folder"))
    assert done.returncode == 2
    assert done.stderr.startswith("synthetic: error: cannot write to ") and done.stderr.count("\n") == 1


def test_folder_with_other_data_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "PNC_Offences.txt").write_text("someone else's\n")
    assert main(["--pupils", "5", "--share", "first", "--out", str(tmp_path)]) == 2
    assert "PNC_Offences.txt" in capsys.readouterr().err
