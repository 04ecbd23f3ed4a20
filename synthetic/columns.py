"""Every column of every table: its name here, what it holds, and what each share calls it.

Kinds: `id`, `date`, `flag`, `code`, `number`, `year` (academic year label), `text`. An empty delivered name means that the share lacks the column.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column of the social care or link tables."""

    name: str
    kind: str
    first: str
    all_episodes: str


@dataclass(frozen=True)
class CensusColumn:
    """A column of the school census: its delivered name without the suffix, and the calendar years that have it."""

    name: str
    kind: str
    delivered: str
    first_year: int = 2002
    last_year: int = 2021
    absent: tuple[int, ...] = ()


CLA = (
    Column("moj_uid", "id", "MoJUID", "mo_juid"),
    Column("pmr", "id", "CLA_PupilMatchingRefAnonymous", "cla_pupil_matching_ref_anonymous"),
    Column("child_id", "id", "", "cla_child_id_anon"),
    Column("child_la", "id", "", "cla_child_la_code_anon"),
    Column("academic_year", "year", "CLA_ACADYR", "cla_acadyr"),
    Column("la", "id", "CLA_CLA_LA", "la"),
    Column("processing_year", "number", "CLA_PROCESSING_YEAR", "processing_year"),
    Column("sex", "code", "", "sex"),
    Column("ethnicity", "code", "", "ethnic"),
    Column("birth_year", "number", "", "year_of_birth"),
    Column("birth_month", "number", "", "month_of_birth"),
    Column("uasc", "flag", "", "uasc_status"),
    Column("poc_start", "date", "CLA_POC_START", "poc_start"),
    Column("poc_length", "number", "CLA_POC_LENGTH", "poc_length"),
    Column("need", "code", "CLA_CAT_NEED", "cat_need"),
    Column("start_date", "date", "CLA_DATE_EPI_COMM", "date_epi_comm"),
    Column("end_date", "date", "CLA_DATE_EPI_CEASED", "date_epi_ceased"),
    Column("legal_status", "code", "CLA_LEGAL_STATUS", "legal_status"),
    Column("placement", "code", "CLA_PLACEMENT", "placement"),
    Column("reason_ceased", "code", "CLA_REC", "rec"),
    Column("reason_new_episode", "code", "", "reason_for_new_episode"),
    Column("at_31_march", "flag", "CLA_CLA_31_MARCH", "cla_31_march"),
    Column("six_months", "flag", "CLA_CLA_6_MONTHS", "cla_6_months"),
    Column("twelve_months", "flag", "CLA_CLA_12_MONTHS", "cla_12_months"),
    Column("pp_6_months", "flag", "CLA_CLA_PP_6_MONTHS", "cla_pp_6_months"),
    Column("pp_1_day", "flag", "CLA_CLA_PP_1_DAY", "cla_pp_1_day"),
    Column("reason_place_change", "code", "CLA_REASON_PLACE_CHANGE", "reason_for_placement_change"),
)

CIN = (
    Column("moj_uid", "id", "mo_juid", "MoJUID"),
    Column("pmr", "id", "cin_pupil_matching_ref_anonymous", "CIN_PupilMatchingRefAnonymous"),
    Column("child_id", "id", "", "LAchildID_anon"),
    Column("cin_la", "id", "", "CIN_CIN_LA"),
    Column("la", "id", "", "CIN_LA"),
    Column("academic_year", "year", "cin_acadyr", "CIN_ACADYR"),
    Column("sex", "code", "", "Gender"),
    Column("ethnicity", "code", "", "EthnicGroupMinor"),
    Column("birth_year", "number", "", "YearOfBirth"),
    Column("birth_month", "number", "", "MonthOfBirth"),
    Column("disability", "code", "", "Disability"),
    Column("referral_date", "date", "", "CINReferralDate"),
    Column("referral_source", "code", "", "ReferralSource"),
    Column("nfa", "flag", "cin_referral_nfa", "CIN_ReferralNFA"),
    Column("need", "code", "cin_primary_need_code", "CIN_PrimaryNeedCode"),
    Column("closure_date", "date", "", "CINClosureDate"),
    Column("closure_reason", "code", "cin_reason_for_closure", "CIN_ReasonForClosure"),
    Column("at_31_march", "flag", "cin_cin_at31march", "CIN_CINat31March"),
    Column("age_start", "number", "cin_age_start_of_cin_period", "CIN_AgeStartOfCINperiod"),
    Column("age_end", "number", "cin_age_end_of_cin_period", "CIN_AgeEndOfCINperiod"),
    Column("conference_date", "date", "", "DateOfInitialCPC"),
    Column("plan_start", "date", "", "CPPstartDate"),
    Column("plan_end", "date", "", "CPPendDate"),
    Column("previous_plans", "number", "cin_number_of_previous_cpp", "CIN_NumberOfPreviousCPP"),
    Column("category", "code", "cin_category_of_abuse", "CIN_CategoryOfAbuse"),
    Column("category_first", "code", "cin_abuse_cat_first", "CIN_AbuseCatFirst"),
    Column("category_initial", "code", "cin_initial_category_of_abuse", "CIN_InitialCategoryOfAbuse"),
    Column("category_latest", "code", "cin_latest_category_of_abuse", "CIN_LatestCategoryOfAbuse"),
    Column("factors", "text", "", "AssessmentFactors"),
)

LINK = (
    Column("moj_uid", "id", "MoJUID", "MoJUID"),
    Column("pmr", "id", "PupilMatchingRefAnonymous", "PupilMatchingRefAnonymous"),
)

# Years without a column: partly known (on-roll from 2009, ever-eligible from about 2012, provision renamed after 2005), the others assumed.
CENSUS = (
    CensusColumn("pmr", "id", "PupilMatchingRefAnonymous"),
    CensusColumn("moj_uid", "id", "MoJUID"),
    CensusColumn("academic_year", "year", "AcademicYear"),
    CensusColumn("la", "id", "LA"),
    CensusColumn("urn", "id", "URN"),
    CensusColumn("school_name", "text", "SchoolName", 2008, 2008),
    CensusColumn("sex", "code", "Gender"),
    CensusColumn("birth_year", "number", "YearOfBirth"),
    CensusColumn("birth_month", "number", "MonthOfBirth"),
    CensusColumn("ethnicity", "code", "EthnicGroupMinor"),
    CensusColumn("language", "code", "LanguageGroupMinor", 2007),
    CensusColumn("fsm", "flag", "FSMeligible"),
    CensusColumn("ever_fsm_6", "flag", "EVERFSM_6", 2012),
    CensusColumn("sen", "code", "SENstatus", 2002, 2005),
    CensusColumn("sen", "code", "SENprovision", 2006),
    CensusColumn("sen_type", "code", "PrimarySENtype", 2004),
    CensusColumn("nc_year", "code", "NCyearActual"),
    CensusColumn("enrol_status", "code", "EnrolStatus", 2003),
    CensusColumn("on_roll", "flag", "OnRoll", 2009),
    CensusColumn("entry_date", "date", "EntryDate", 2003),
    CensusColumn("leaving_date", "date", "LeavingDate", 2007),
    CensusColumn("idaci", "number", "IDACIscore", 2005, 2021, absent=(2009, 2019)),
    CensusColumn("lsoa", "id", "LLSOA", 2004),
    CensusColumn("record_status", "code", "RecordStatus", 2007, 2018),
)

SOCIAL_CARE_TABLES = {"cla": CLA, "cin": CIN, "link": LINK}


def named_by_kind(table: str, *kinds: str) -> list[str]:
    """Names of the columns of `table` (cla, cin, link, census) that hold one of `kinds`, each once."""
    columns = CENSUS if table == "census" else SOCIAL_CARE_TABLES[table]
    return list(dict.fromkeys(column.name for column in columns if column.kind in kinds))
