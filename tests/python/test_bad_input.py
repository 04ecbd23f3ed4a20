"""Bad input: each fault gives one message that names the file, the column and the remedy, or a counted finding.

No message may hold a value of a row: every hand-made extract has a pupil with a telling id, which must never be printed.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import yaml
from conftest import ROOT, Run
from extracts import (
    CENSUS_COLUMNS, CIN_COLUMNS, CLA_COLUMNS, MARKER, census_rows, cin_rows, cla_rows, text, whole, write,
)  # fmt: skip

# The models and the tests on their data; the seeds are in the database already.
BUILD = ("build", "--select", "path:models", "--exclude", "test_type:unit")
# What reads the spoiled file, and one mart far behind it: enough to see a build stop before the marts.
BUILD_CLA = ("build", "--select", "+int_cla_rows_marked,path:models", "social_care_exposures", "--exclude", "test_type:unit")


def refused(run: Run) -> str:
    """The one message of a run that was stopped before anything was read."""
    assert not run.result.success
    assert run.output.count("The extract cannot be used yet") == 1
    assert MARKER not in run.output
    return run.output


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    return whole(tmp_path / "extract")


# ---- stopped with one message ----


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("CLA_2006_to_2018.parquet", b"PAR1 but no parquet", "not readable as Parquet: copy it again"),
        ("CLA_2006_to_2018.txt", b"", "the first line is empty"),
        ("CLA_2006_to_2018.txt", "\t".join(CLA_COLUMNS).encode() + b"\n", "a header and no rows"),
        ("CLA_2006_to_2018.xlsx", b"PK", "its kind of file is not read. Save it as .txt, .csv"),
        ("CLA_2006_to_2018.txt", gzip.compress(b"text", mtime=0), "holds a gzip archive: name it .txt.gz"),
        ("CLA_2006_to_2018.txt.gz", gzip.compress(gzip.compress(b"text", mtime=0), mtime=0), "unpack it where an archive is in an archive"),
        ("CLA_2006_to_2018.csv", b"PK\x03\x04 a workbook", "holds a zip archive or a workbook: unpack it, or save it as text"),
        ("CLA_2006_to_2018.txt.gz", b"not a gz", "archive is damaged or cut short: copy the file again"),
        ("CLA_2006_to_2018.txt", text(CLA_COLUMNS, cla_rows(), ";").encode(), "semicolon-delimited: save it as tab- or comma-delimited"),
        ("CLA_2006_to_2018.txt", text([*CLA_COLUMNS, "note"], [[*r, "O\u2019Brien"] for r in cla_rows()]).encode("cp1252"), "is written in Windows-1252, or"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_stops_the_run(dbt, extract: Path, name: str, content: bytes, says: str) -> None:
    (extract / "CLA_2006_to_2018.txt").unlink()
    (extract / name).write_bytes(content)
    message = refused(dbt(extract, *BUILD))
    assert f"{name} (table cla.episodes): " in message
    assert says in message


def test_a_truncated_archive_stops_the_run(dbt, extract: Path) -> None:
    (extract / "CLA_2006_to_2018.txt").unlink()
    whole_archive = gzip.compress(text(CLA_COLUMNS, cla_rows(400)).encode())
    (extract / "CLA_2006_to_2018.txt.gz").write_bytes(whole_archive[: len(whole_archive) // 2])
    message = refused(dbt(extract, *BUILD))
    assert "CLA_2006_to_2018.txt.gz (table cla.episodes): the .gz archive is damaged or cut short" in message


def test_rows_in_another_delimiter_than_the_header_stop_the_run(dbt, extract: Path) -> None:
    lines = text(CLA_COLUMNS, []) + "".join(",".join(row) + "\n" for row in cla_rows())
    write(extract, CLA_2006_to_2018__txt=lines)
    message = refused(dbt(extract, *BUILD))
    assert "CLA_2006_to_2018.txt (table cla.episodes): the header splits at tabs into 11 columns" in message
    assert "save it again with one delimiter throughout" in message


def test_every_missing_required_column_is_named_in_one_message(dbt, extract: Path) -> None:
    columns = [name for name in CLA_COLUMNS if name not in ("CLA_LEGAL_STATUS", "CLA_DATE_EPI_COMM")]
    write(extract, CLA_2006_to_2018__txt=text(columns, [row[: len(columns)] for row in cla_rows()]))
    message = refused(dbt(extract, *BUILD))
    assert "1. CLA_2006_to_2018.txt (table cla.episodes): the required column date_epi_comm is missing" in message
    assert "2. CLA_2006_to_2018.txt (table cla.episodes): the required column legal_status is missing" in message
    assert "Spellings tried: DATE_EPI_COMM" in message
    assert "models/staging/cla/_cla__sources.yml" in message


def test_two_columns_of_one_name_stop_the_run(dbt, extract: Path) -> None:
    columns = [*CLA_COLUMNS, "cla_placement"]
    write(extract, CLA_2006_to_2018__txt=text(columns, [[*row, "Q1"] for row in cla_rows()]))
    assert "two columns are both a spelling of placement" in refused(dbt(extract, *BUILD))


@pytest.mark.parametrize("name", ["CLA_2006_to_2018.csv", "cla_2006_to_2018_v2.txt", "CLA_2006_to_2018 - Copy (2).csv"])
def test_one_table_in_two_files_stops_the_run(dbt, extract: Path, name: str) -> None:
    (extract / name).write_text(text(CLA_COLUMNS, cla_rows(), ","))
    assert "rows of both would count twice. Keep one of the two" in refused(dbt(extract, *BUILD))


def test_a_folder_or_a_dead_link_in_place_of_a_file_stops_the_run(dbt, extract: Path) -> None:
    """Neither may leave its table silently without rows; a folder of another name is listed as not read."""
    (extract / "CLA_2019.parquet").mkdir()
    (extract / "CLA_archive").mkdir()
    (extract / "Spring_Census_2013.txt").symlink_to(extract / "nowhere.txt")
    message = refused(dbt(extract, *BUILD))
    assert "CLA_2019.parquet/ (table cla.episodes): a folder is not read." in message
    assert "Spring_Census_2013.txt (table npd.school_census): the file cannot be read (No such file or directory)" in message
    assert "CLA_archive" not in message


def test_a_cache_in_the_folder_of_the_extract_stops_the_run(dbt, extract: Path) -> None:
    assert "set it to a folder of its own" in refused(dbt(extract, *BUILD, MOJ_DFE_CACHE=f"{extract}/"))
    assert not list(extract.glob("*.parquet"))


def test_more_numbered_slots_than_are_read_stop_the_run(dbt, extract: Path) -> None:
    columns = ["PupilMatchingRefAnonymous_EX12", "AcademicYear_EX12", *(f"{name}_{slot}_EX12" for slot in (1, 40, 41) for name in ("Category", "StartDate"))]
    write(extract, Exclusions_2012__txt=text(columns, [[MARKER, "2011/2012", *["FIXD", "2012-01-05"] * 3]]))
    message = refused(dbt(extract, *BUILD))
    for name in ("Category_41_EX12", "StartDate_41_EX12"):
        assert f"Exclusions_2012.txt (table npd.exclusions): {name} is a slot beyond the 40 that are read. Set slots to" in message
    assert "Category_40" not in message and "models/staging/npd/_npd__sources.yml" in message


@pytest.mark.parametrize("content", [{}, {"notes__txt": "see email"}])
def test_an_extract_with_nothing_usable_stops_the_run(dbt, tmp_path: Path, content: dict) -> None:
    message = refused(dbt(write(tmp_path / "empty", **content), *BUILD))
    assert "No file with a pupil matching reference was found" in message
    assert "CLA_*" in message and "MOJ_DFE_EXTRACT" in message


def test_a_folder_that_is_not_there_stops_the_run(dbt, tmp_path: Path) -> None:
    message = refused(dbt(tmp_path / "nowhere", *BUILD))
    assert "the folder does not exist: set MOJ_DFE_EXTRACT" in message


def test_a_loaded_table_without_rows_and_the_schema_of_the_views_stop_the_run(dbt, tmp_path: Path) -> None:
    """An empty table is not supplied: it must not make columns false that are unknown."""
    database = tmp_path / "moj_dfe.duckdb"
    frame = pd.DataFrame(cla_rows(), columns=list(CLA_COLUMNS))  # noqa: F841 - read by name in the SQL below
    with duckdb.connect(str(database)) as connection:
        connection.execute('create schema delivered; create table delivered."CLA_2006" as from frame limit 0; create schema raw; create table raw."CLA_2006" as from frame')
    message = refused(dbt(tmp_path, *BUILD, database=database, MOJ_DFE_LOADED_SCHEMA="delivered"))
    assert "CLA_2006 (table cla.episodes): it holds no rows: load it again, or drop it, so that it counts as not supplied." in message
    assert "The schema raw is that of the views which each run makes anew" in refused(dbt(tmp_path, *BUILD, database=database, MOJ_DFE_LOADED_SCHEMA="raw"))


def test_a_database_that_cannot_be_opened_and_a_senseless_memory_limit_stop_the_run(dbt, extract: Path, tmp_path: Path) -> None:
    """One sentence, and none of the pages of code that dbt shows where a connection fails."""
    (tmp_path / "text.duckdb").write_text("no database " * 500)
    for database in (tmp_path / "nowhere" / "moj_dfe.duckdb", tmp_path / "text.duckdb"):
        run = dbt(extract, *BUILD, database=database)
        assert f"the database {database} cannot be opened for writing: close the sessions that have it open, or set MOJ_DFE_DATABASE" in run.output
        assert not run.result.success and "Traceback" not in run.output
    run = dbt(extract, *BUILD, MOJ_DFE_MEMORY_LIMIT="8")
    assert "MOJ_DFE_MEMORY_LIMIT is 8: set it to a number with a unit, such as 8GB" in run.output
    assert not run.result.success and "Traceback" not in run.output


def test_a_variable_with_a_senseless_value_or_name_stops_the_run(dbt, extract: Path) -> None:
    """Every variable of the project is looked at: a quoted "false" would be true, and a misspelt name would change nothing."""
    names = yaml.safe_load((ROOT / "dbt_project.yml").read_text())["vars"]
    given = {name: "2020-02-30" if name.endswith("_date") else "false" for name in names}
    message = refused(dbt(extract, *BUILD, "--vars", yaml.safe_dump({**given, "max_gap_day": 3})))
    for name, value in given.items():
        assert f"The variable {name} is {value}: set it to a" in message or f"The variable {name} is {value}: set it to true" in message
    assert "No variable is called max_gap_day: see the list in dbt_project.yml." in message
    message = refused(dbt(extract, *BUILD, "--vars", "{latest_birth_year: 1960, childhood_end_age: -1, max_gap_days: 0.5}"))
    assert "childhood_end_age is -1" in message and "max_gap_days is 0.5" in message
    assert "earliest_birth_year is later than latest_birth_year" in refused(dbt(extract, *BUILD, "--vars", "{latest_birth_year: 1960}"))


# ---- stopped by a test that names the file and the column ----


def swapped(columns: tuple[str, ...], one: str, other: str) -> list[str]:
    return [{one: other, other: one}.get(name, name) for name in columns]


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        ("CLA_LEGAL_STATUS", "CLA_PLACEMENT", "source_file CLA_2006_to_2018.txt, column_name placement_code"),
        ("CLA_DATE_EPI_COMM", "CLA_DATE_EPI_CEASED", "source_file CLA_2006_to_2018.txt, ledger_rule_id ends_before_start"),
        ("CLA_ACADYR", "CLA_POC_START", "source_file CLA_2006_to_2018.txt, column_name return_year"),
    ],
)  # fmt: skip
def test_swapped_headers_fail_the_build_before_the_marts(dbt, seeded, extract: Path, one: str, other: str, says: str) -> None:
    write(extract, CLA_2006_to_2018__txt=text(swapped(CLA_COLUMNS, one, other), cla_rows()))
    run = dbt(extract, *BUILD_CLA, database=seeded())
    assert not run.result.success
    assert says in run.output
    assert MARKER not in run.output
    assert run.statuses()["social_care_exposures"] == "skipped"


def test_dates_swapped_with_one_another_fail_the_build(dbt, seeded, extract: Path) -> None:
    referred = [[*row, "2012-03-01", "2011-05-01"] for row in cin_rows()]
    sanctioned = [["M1", "THEFT", f"2012-03-{day:02d}", f"2011-05-{day:02d}", "FINE"] for day in range(1, 29)]
    write(
        extract,
        CIN_2009_to_2017__txt=text([*CIN_COLUMNS, "CINReferralDate", "CINClosureDate"], referred),
        PNC_2000_to_2017__txt=text(["MoJUID", "Offence", "OffenceDate", "SentenceDate", "DisposalText"], sanctioned),
    )
    run = dbt(extract, "build", "--select", "stg_cin__episodes", "stg_pnc__offences", "--exclude", "test_type:unit", database=seeded())
    assert not run.result.success
    assert "source_file CIN_2009_to_2017.txt, earlier_column referral_date, later_column closure_date, n_rows 40, n_turned_round 40" in run.output
    assert "source_file PNC_2000_to_2017.txt, earlier_column offence_date, later_column sentence_date, n_rows 28, n_turned_round 28" in run.output
    assert MARKER not in run.output


def test_dates_written_month_first_fail_the_build_and_a_few_are_counted(dbt, seeded, extract: Path) -> None:
    """Half of a column, as two authorities may write it: of the days up to the 12th nothing shows that they were read the wrong way round."""
    referrals = [f"{day}/06/2011" for day in range(13, 21)] + [f"06/{day:02d}/2011" for day in range(11, 31)] + [f"07/{day}/2011" for day in range(13, 25)]
    closures = ["03/13/2012"] * 19 + ["13/03/2012"] * 21
    rows = [[*row, *days] for row, days in zip(cin_rows(), zip(referrals, closures), strict=True)]
    write(extract, CIN_2009_to_2017__txt=text([*CIN_COLUMNS, "CINReferralDate", "CINClosureDate"], rows))
    run = dbt(extract, "build", "--select", "stg_cin__episodes", "--exclude", "test_type:unit", database=seeded())
    assert not run.result.success
    assert "source_file CIN_2009_to_2017.txt, column_name referral_date, n_read 10, n_unreadable 0, n_month_first 30" in run.output
    assert "column_name closure_date" not in run.output
    counted = run.table("staging.stg_cin__episodes").value_findings
    assert counted.str.contains("month_first:closure_date").sum() == 19
    assert MARKER not in run.output


def test_a_link_file_of_other_people_and_a_file_of_another_year_fail_the_build(dbt, seeded, extract: Path) -> None:
    write(
        extract,
        MoJ_DfE_Link__txt=text(["PupilMatchingRefAnonymous", "MoJUID"], [[f"M{i}", f"P{i:04d}"] for i in range(1, 31)]),
        Spring_Census_2012__txt=text(CENSUS_COLUMNS, [[row[0], "2010/2011", *row[2:]] for row in census_rows()]),
    )
    run = dbt(extract, "build", "--select", "+links_speak_of_pupils_of_other_tables,path:models", "links_speak_of_pupils_of_other_tables",
              "+yearly_files_hold_their_own_year,path:models", "yearly_files_hold_their_own_year", "--exclude", "test_type:unit", database=seeded())
    assert not run.result.success
    assert "n_linked 30, n_linked_in_others 0" in run.output
    assert "source_file Spring_Census_2012.txt, year_of_file 2012, n_rows 60, n_rows_of_another_year 60" in run.output


def test_disposals_and_offences_that_no_look_up_knows_fail_the_build(dbt, seeded, extract: Path) -> None:
    unknown = [["M1", "99999 SOMETHING", f"2011-05-{day:02d}", f"2012-03-{day:02d}", "ZZZ UNKNOWN", "1"] for day in range(1, 29)]
    write(extract, PNC_2000_to_2017__txt=text(["MoJUID", "Offence", "OffenceDate", "SentenceDate", "DisposalText", "Conviction"], unknown))
    name = "pnc_disposals_and_offences_are_mostly_known"
    run = dbt(extract, "build", "--select", f"+{name},path:models", name, "--exclude", "test_type:unit", database=seeded())
    assert [node for node, status in run.statuses().items() if status == "fail"] == [name]
    assert "column_names DisposalText, DisposalCode, seed_name pnc_disposal, n_values 28, n_unknown 28" in run.output
    assert "column_names Offence, seed_name ho_offence, n_values 28, n_unknown 28" in run.output
    assert MARKER not in run.output


# ---- read, and counted ----


def findings(run: Run, table: str, **where: str) -> pd.DataFrame:
    found = run.table(table)
    for column, value in where.items():
        found = found[found[column] == value]
    return found


def n_rows(run: Run, rule_id: str, source_table: str = "cla.episodes") -> int:
    return int(findings(run, "quality.quality_row_ledger", rule_id=rule_id, source_table=source_table).n_rows.sum())


@pytest.fixture(scope="module")
def counted(dbt: Callable[..., Run], seeded: Callable[[], Path], tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One build of an extract that holds every fault that is counted and not fatal."""
    rows = cla_rows()
    rows[1][6] = "31/02/2011"  # no such day
    rows[2][7] = "2011-11"  # end date without a day
    rows[3][9] = "X9"  # no such placement
    rows[4][5] = "n 1"  # no such need
    rows[7][1] = "NA"  # no id, as R writes it
    rows[8][1] = "NULL"
    rows.append(list(rows[5]))  # an exact duplicate
    rows.append(rows[6][:7])  # the last line, cut short
    children = [
        ["330", "c1", "P0007", "2011/2012"],
        ["330", "c1", "P0008", "2011/2012"],
        ["330", "c1", "", "2011/2012"],
        ["330", "c2", "P0009", "2011/2012"],
        ["330", "c2", "", "2011/2012"],
    ]
    in_need = [["", pupil, year, "1", "", "0", "N1", "0", "RC7", la, child] for la, child, pupil, year in children]
    in_need = [[*row, "", ""] for row in cin_rows()] + in_need
    in_need[3][3] = "perhaps"  # not a flag
    folder = write(
        whole(tmp_path_factory.mktemp("counted") / "extract"),
        CLA_2006_to_2018__txt=text(CLA_COLUMNS, rows).rstrip("\n"),
        CIN_2009_to_2017__txt=text([*CIN_COLUMNS, "CIN_LA", "LAchildID_anon"], in_need),
    )
    run = dbt(folder, *BUILD, database=seeded())
    assert run.result.success, run.output
    assert MARKER not in run.output
    return run


def test_an_unreadable_date_is_counted_and_its_row_accounted_for(counted: Run) -> None:
    found = findings(counted, "quality.quality_value_findings", finding="unreadable").set_index("column_name").n_values
    assert found.to_dict() == {"episode_start_date": 1, "episode_end_date": 1, "is_in_need_31_march": 1}
    assert n_rows(counted, "no_episode_start") == 1
    assert n_rows(counted, "value_unreadable") == 2


def test_an_unknown_code_is_kept_labelled_and_counted(counted: Run) -> None:
    found = findings(counted, "quality.quality_code_findings", finding="unmapped", source_table="cla.episodes")
    assert found.set_index("column_name").code.to_dict() == {"placement_code": "X9", "category_of_need_code": "N 1"}
    exposure = findings(counted, "marts.social_care_exposures", pupil_id="P0004").iloc[0]
    assert (exposure.first_category_of_need_code, exposure.first_category_of_need_label) == ("N 1", "unmapped")


def test_a_duplicate_row_counts_once(counted: Run) -> None:
    assert n_rows(counted, "exact_duplicate") == 1
    assert findings(counted, "marts.social_care_exposures", pupil_id="P0005").n_care_episodes_observed.item() == 1


def test_a_line_cut_short_is_counted(counted: Run) -> None:
    assert n_rows(counted, "malformed_row") == 1
    assert n_rows(counted, "read") == 42


def test_a_word_for_a_missing_id_is_no_pupil(counted: Run) -> None:
    assert n_rows(counted, "no_child_key") == 2
    assert not counted.table("marts.pupils").pupil_id.isin(["NA", "NULL"]).any()


def test_a_last_line_that_is_not_ended_is_pointed_out(counted: Run) -> None:
    assert "CLA_2006_to_2018.txt (table cla.episodes) does not end with a line break: if it was cut short, rows are missing." in counted.output
    assert "CIN_2009_to_2017.txt (table cin.episodes) does not end" not in counted.output


def test_two_pupil_ids_for_one_child_are_reported_and_left_as_delivered(counted: Run) -> None:
    conflict = findings(counted, "quality.quality_pupil_id_conflicts", source_table="cin.episodes").iloc[0]
    assert (conflict.n_child_ids, conflict.n_child_ids_in_conflict, conflict.n_rows_not_filled_in) == (2, 1, 1)
    assert n_rows(counted, "unlinked", "cin.episodes") == 1
    assert n_rows(counted, "pupil_id_drawn_down", "cin.episodes") == 1


# ---- any subset of the tables ----


def test_what_is_not_supplied_is_null_and_said_so(dbt, seeded, extract: Path) -> None:
    (extract / "CIN_2009_to_2017.txt").unlink()
    (extract / "MoJ_DfE_Link.txt").unlink()
    run = dbt(extract, "run", database=seeded())
    assert run.result.success, run.output
    assert "cin.episodes: not supplied; the columns that need it are NULL." in run.output
    exposures = run.table("marts.social_care_exposures").set_index("pupil_id")
    looked_after, not_looked_after = exposures.loc["P0001"], exposures.loc["P0050"]
    assert looked_after.social_care_level == "child_looked_after"
    assert pd.isna(not_looked_after.social_care_level)
    for name in ("ever_child_in_need", "years_child_in_need", "ever_child_protection_plan", "has_referral_no_further_action"):
        assert exposures[name].isna().all(), name
    assert not not_looked_after.ever_child_looked_after
    pupils = run.table("marts.pupils")
    assert pupils.is_in_cin.isna().all() and pupils.is_linked_to_offender.isna().all()


def test_a_single_table_is_enough(dbt, seeded, tmp_path: Path) -> None:
    folder = write(tmp_path / "census", Spring_Census_2012__txt=text(CENSUS_COLUMNS, census_rows()))
    run = dbt(folder, *BUILD, database=seeded())
    assert run.result.success, run.output
    exposures = run.table("marts.social_care_exposures")
    assert len(exposures) == 60
    stamps = [name for name in exposures if name.endswith("_exactness")]
    assert exposures.drop(columns=["pupil_id", *stamps]).isna().all(axis=None)
    assert (exposures[stamps].isna() | (exposures[stamps] == "not_available")).all(axis=None)
