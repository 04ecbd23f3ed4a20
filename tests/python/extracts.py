"""Small hand-made extracts for tests: a few rows of each table, in the forms that deliveries take."""

from __future__ import annotations

from pathlib import Path

CLA_COLUMNS = (
    "MoJUID", "CLA_PupilMatchingRefAnonymous", "CLA_ACADYR", "CLA_CLA_LA", "CLA_POC_START", "CLA_CAT_NEED",
    "CLA_DATE_EPI_COMM", "CLA_DATE_EPI_CEASED", "CLA_LEGAL_STATUS", "CLA_PLACEMENT", "CLA_REC",
)  # fmt: skip
CIN_COLUMNS = (
    "mo_juid", "cin_pupil_matching_ref_anonymous", "cin_acadyr", "cin_cin_at31march", "cin_category_of_abuse",
    "cin_number_of_previous_cpp", "cin_primary_need_code", "cin_referral_nfa", "cin_reason_for_closure",
)  # fmt: skip
CENSUS_COLUMNS = (
    "PupilMatchingRefAnonymous_SPR12", "AcademicYear_SPR12", "LA_SPR12", "URN_SPR12", "Gender_SPR12",
    "YearOfBirth_SPR12", "MonthOfBirth_SPR12", "EthnicGroupMinor_SPR12", "FSMeligible_SPR12", "SENprovision_SPR12",
    "EnrolStatus_SPR12",
)  # fmt: skip
LINK_COLUMNS = ("MoJUID", "PupilMatchingRefAnonymous")

# A value that would give away a row if it ever stood in a message.
MARKER = "PUPIL7SECRET"


def cla_rows(n: int = 40) -> list[list[str]]:
    """One closed care episode for each of n pupils, the first of them the marker."""
    return [
        ["", _pupil(i), "2011/2012", "330", "2011-05-01", "N1", "2011-05-01", "2011-11-01", "C2", "Q2", "E8"] for i in range(n)
    ]  # fmt: skip


def cin_rows(n: int = 40) -> list[list[str]]:
    """One referral, in need on 31 March, for each of n pupils."""
    return [["", _pupil(i), "2011/2012", "1", "", "0", "N1", "0", "RC7"] for i in range(n)]


def census_rows(n: int = 60) -> list[list[str]]:
    """One registration in 2012 for each of n pupils, born in May 2000."""
    return [
        [_pupil(i), "2011/2012", "330", str(100000 + i), "F", "2000", "5", "WBRI", "0", "N", "C"] for i in range(n)
    ]  # fmt: skip


def _pupil(i: int) -> str:
    return MARKER if i == 0 else f"P{i:04d}"


def text(columns: tuple[str, ...] | list[str], rows: list[list[str]], delimiter: str = "\t", newline: str = "\n") -> str:
    """The file's text: a header line, then a line a row."""
    return "".join(delimiter.join(line) + newline for line in [list(columns), *rows])


def write(folder: Path, **files: str | bytes) -> Path:
    """Write files into a folder, each given by its name with two underscores for the dot."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name.replace("__", ".")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def whole(folder: Path) -> Path:
    """A small extract with every table, in its plainest form."""
    return write(
        folder,
        CLA_2006_to_2018__txt=text(CLA_COLUMNS, cla_rows()),
        CIN_2009_to_2017__txt=text(CIN_COLUMNS, cin_rows()),
        Spring_Census_2012__txt=text(CENSUS_COLUMNS, census_rows()),
        MoJ_DfE_Link__txt=text(LINK_COLUMNS, [["M1", "P0001"], ["M2", "P0002"]]),
    )
