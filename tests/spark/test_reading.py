"""Both engines read the same rows from the same files, in every form that a delivery takes."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pyarrow.compute as pc
import pytest
from comparison import compare
from conftest import spark_session
from extracts import CLA_COLUMNS, DAYS, FORMS, MARKER, MOMENTS, cla_rows, text, whole, write

STAGING = ("stg_cla__episodes", "stg_extract__files", "stg_extract__columns")
BUILD = ("build", "--select", "recodes", *STAGING, "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")

HEADER, *LINES = text(CLA_COLUMNS, cla_rows()).splitlines()
ODD_FILES = {
    "CLA_malformed.txt": "\n".join([HEADER, *LINES, LINES[0] + "\tone more", LINES[1].rpartition("\t")[0], "no field at all"]),
    "CLA_header_again.txt": "\n".join([HEADER, *LINES[:20], HEADER, HEADER, *LINES[20:]]),
    "CLA_only_tabs.txt": "\n".join([HEADER, *LINES, "\t" * (len(CLA_COLUMNS) - 1), "  ", ""]),
    "CLA_backslash.txt": "\n".join([HEADER, *LINES, LINES[2].replace("Q2", "Q\\2"), LINES[3].replace("Q2", "O'B")]),
    "CLA_bom_latin.txt": b"\xef\xbb\xbf" + "\r\n".join([HEADER, *LINES, LINES[4].replace("Q2", "\xe9")]).encode("latin-1"),
    "CLA_nul_header.txt": "\n".join([HEADER.replace("CLA_REC", "CLA_\0REC"), *LINES[:-1], LINES[-1] + "\0"]),
    "CLA_quotes.csv": "\n".join(
        ['"' + HEADER.replace("\t", '","') + '"'.replace("X", "")]
        + ['"' + line.replace("\t", '","') + '"' for line in LINES]
        + ['"' + LINES[5].replace("\t", '","').replace("Q2", 'a ""b"", c') + '"']
        + ['"' + LINES[6].replace("\t", '","').replace("Q2", 'open, "') + '"']
        + [LINES[7].replace("\t", ",").replace("Q2", 'mid"dle')]
    ),
}


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One extract in which CLA comes in every form, each in a file of its own."""
    folder = whole(tmp_path_factory.mktemp("forms") / "extract")
    for number, (name, content) in enumerate(FORMS.values()):
        (folder / f"CLA_{number:02}_{name.partition('_')[2]}").write_bytes(content)
    for name, content in ODD_FILES.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    frame = pd.DataFrame(cla_rows(), columns=list(CLA_COLUMNS)).replace("", None)
    frame = frame.astype({"CLA_CLA_LA": int}).assign(CLA_DATE_EPI_COMM=pd.to_datetime(frame.CLA_DATE_EPI_COMM))
    frame.to_parquet(folder / "CLA_typed.parquet")
    # ids and codes saved as floating-point numbers, as they are where one is missing
    ids = [None, *(12345678.0 + i for i in range(len(frame) - 1))]
    frame.assign(CLA_CHILD_ID=ids, CLA_CLA_LA=330.0).to_parquet(folder / "CLA_double.parquet")
    pd.DataFrame(cla_rows(5), columns=list(CLA_COLUMNS)).assign(CLA_DATE_EPI_COMM=MOMENTS).to_parquet(folder / "CLA_moments.parquet")
    (folder / "CLA_zipped.csv.gz").write_bytes(gzip.compress(text(CLA_COLUMNS, cla_rows(), ",").encode()))
    return folder


def test_every_form_gives_the_same_rows_on_both_engines(dbt, forms: Path) -> None:
    builds = {target: dbt(target, forms, *BUILD) for target in ("duckdb", "spark")}
    for build in builds.values():
        assert build.success, build.output
    one, other = (build.table("staging.stg_cla__episodes") for build in builds.values())
    # every column is key here: the rows have none, so the counts of equal rows are compared
    counted = [table.group_by(table.column_names).aggregate([([], "count_all")]) for table in (one, other)]
    assert compare("stg_cla__episodes", one.column_names, *counted) == []
    assert one.num_rows > 40 * len(FORMS)
    malformed = one.filter(one["is_malformed_row"]).group_by("source_file").aggregate([([], "count_all")]).to_pydict()
    assert dict(zip(malformed["source_file"], malformed["count_all"], strict=True)) == {
        "CLA_malformed.txt": 3, "CLA_header_again.txt": 2, "CLA_quotes.csv": 1,
    }  # fmt: skip
    doubles = one.filter(pc.equal(one["source_file"], "CLA_double.parquet"))["la_child_id"].to_pylist()
    assert sorted(doubles, key=str) == [*(f"330-{12345678 + i}" for i in range(39)), None]
    moments = one.filter(pc.equal(one["source_file"], "CLA_moments.parquet"))["episode_start_date"].drop_null().to_pylist()
    assert sorted(map(str, moments)) == DAYS
    for name in STAGING[1:]:
        tables = [build.table(f"staging.{name}") for build in builds.values()]
        key = ["source_table", "source_file", *(["column_name"] if name.endswith("columns") else [])]
        if name == "stg_extract__files":
            # the one tells the second in which a file was written, the other a fraction of it
            tables = [table.drop_columns(["delivered_at"]) for table in tables]
        assert compare(name, key, *tables) == []


def test_tables_loaded_before_are_read_from_their_schema(dbt, forms: Path) -> None:
    spark = spark_session()
    spark.sql("create database if not exists delivered")
    spark.createDataFrame([tuple(row) for row in cla_rows()], list(CLA_COLUMNS)).write.mode("overwrite").saveAsTable("delivered.CLA_2006_to_2018")
    build = dbt("spark", forms, *BUILD, MOJ_DFE_LOADED_SCHEMA="delivered")
    assert build.success, build.output
    assert build.table("staging.stg_cla__episodes").num_rows == len(cla_rows())


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("CLA_1.txt", "", "the first line is empty"),
        ("CLA_1.parquet", "", "not readable as Parquet: copy it again"),
        ("CLA_2.txt", HEADER + "\n", "a header and no rows"),
        ("CLA_3.txt", "\n".join([HEADER, *LINES]).replace("\t", ";"), "semicolon-delimited: save it as tab- or comma-delimited"),
        ("CLA_4.txt", "\n".join([HEADER, *(line.replace("\t", ",") for line in LINES)]), "the header splits at tabs into 11 columns, but 40 of the"),
        ("CLA_5.txt", "\n".join([HEADER.replace("CLA_REC", "other"), *LINES]), "the required column rec is missing"),
        ("CLA_9.txt", "\n".join([HEADER, *LINES, LINES[2].replace("Q2", "O\u2019B")]).encode("cp1252"), "is written in Windows-1252, or"),
        ("CLA_6.xlsx", "PK", "its kind of file is not read"),
        ("CLA_7.parquet", "PAR1 but no parquet", "CLA_7.parquet"),
        ("CLA_8.txt.gz", gzip.compress("\n".join([HEADER, *LINES]).encode())[:100], "CLA_8.txt.gz"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_stops_spark_too_and_no_row_is_printed(dbt, tmp_path: Path, name: str, content: str | bytes, says: str) -> None:
    folder = whole(tmp_path / "extract")
    (folder / "CLA_2006_to_2018.txt").unlink()
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    build = dbt("spark", folder, *BUILD)
    assert not build.success
    assert says in build.output
    assert MARKER not in build.output


def test_a_folder_that_is_not_there_stops_spark_with_its_name(dbt, tmp_path: Path) -> None:
    build = dbt("spark", tmp_path / "nowhere", *BUILD)
    assert not build.success
    assert "nowhere" in build.output


def test_a_repeated_header_is_told_from_a_pupil(dbt, tmp_path: Path) -> None:
    folder = write(whole(tmp_path / "extract"), CLA_2006_to_2018__txt=ODD_FILES["CLA_header_again.txt"])
    build = dbt("duckdb", folder, *BUILD)
    rows = build.table("staging.stg_cla__episodes").to_pydict()
    assert rows["is_malformed_row"].count(True) == 2
    assert "CLA_PupilMatchingRefAnonymous" not in rows["pupil_id"]
