"""Every column of every table: its name here, what it holds, what each share calls it, and the years that have it.

Kinds: `id`, `date`, `flag`, `code`, `number`, `year` (academic year label), `text`. An empty delivered name means that the share lacks the column.
Names of the social care tables in the first share, prefixes and suffixes are published, the others were seen in public code for the same supply;
names of the justice tables, and a few others, are assumed, as no public document gives them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column of a table. `first` and `all_episodes` are its delivered names, without the suffix of yearly files."""

    name: str
    kind: str
    first: str
    all_episodes: str
    first_year: int = 0
    last_year: int = 9999
    absent: tuple[int, ...] = ()

    def is_in(self, year: int) -> bool:
        """Whether the file of a year (0: of all years) has the column."""
        return not year or self.first_year <= year <= self.last_year and year not in self.absent


def same(name: str, kind: str, delivered: str, first_year: int = 0, last_year: int = 9999, absent: tuple[int, ...] = ()) -> Column:
    """A column that both shares call the same."""
    return Column(name, kind, delivered, delivered, first_year, last_year, absent)


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
LINK = (same("moj_uid", "id", "MoJUID"), same("pmr", "id", "PupilMatchingRefAnonymous"))

# Years without a column: partly known (on-roll from 2009, ever-eligible from about 2012, provision renamed after 2005), the others assumed.
CENSUS = (
    same("pmr", "id", "PupilMatchingRefAnonymous"),
    same("moj_uid", "id", "MoJUID"),
    same("academic_year", "year", "AcademicYear"),
    same("la", "id", "LA"),
    same("urn", "id", "URN"),
    same("school_name", "text", "SchoolName", 2008, 2008),
    same("sex", "code", "Gender"),
    same("birth_year", "number", "YearOfBirth"),
    same("birth_month", "number", "MonthOfBirth"),
    same("ethnicity", "code", "EthnicGroupMinor"),
    same("language", "code", "LanguageGroupMinor", 2007),
    same("fsm", "flag", "FSMeligible"),
    same("ever_fsm_6", "flag", "EVERFSM_6", 2012),
    same("sen", "code", "SENstatus", 2002, 2005),
    same("sen", "code", "SENprovision", 2006),
    same("sen_type", "code", "PrimarySENtype", 2004),
    same("nc_year", "code", "NCyearActual"),
    same("enrol_status", "code", "EnrolStatus", 2003),
    same("on_roll", "flag", "OnRoll", 2009),
    same("entry_date", "date", "EntryDate", 2003),
    same("leaving_date", "date", "LeavingDate", 2007),
    same("idaci", "number", "IDACIscore", 2005, 2021, absent=(2009, 2019)),
    same("lsoa", "id", "LLSOA", 2004),
    same("home_la", "id", "HomeLA"),
    same("record_status", "code", "RecordStatus", 2007, 2018),
)
PRU = tuple(same(name, kind, f"PRU_{delivered}") for name, kind, delivered in (
    ("pmr", "id", "PupilMatchingRefAnonymous"), ("academic_year", "year", "ACADYR"), ("la", "id", "LA"), ("urn", "id", "URN"),
    ("sex", "code", "Gender"), ("birth_year", "number", "YearOfBirth"), ("birth_month", "number", "MonthOfBirth"),
    ("ethnicity", "code", "EthnicGroupMinor"), ("fsm", "flag", "FSMeligible"), ("sen", "code", "SENprovision"),
    ("sen_type", "code", "PrimarySENtype"), ("nc_year", "code", "NCyearActual"), ("enrol_status", "code", "EnrolStatus"),
    ("entry_date", "date", "EntryDate"),
))
AP = tuple(same(name, kind, f"AP_{delivered}") for name, kind, delivered in (
    ("pmr", "id", "PupilMatchingRefAnonymous"), ("academic_year", "year", "ACADYR"), ("age_start", "number", "Age_Start"),
    ("fsm", "flag", "FSMeligible"), ("sen", "code", "SENProvision"), ("la", "id", "LANumber"),
))
SIXTH_HALF_TERM_FROM = 2013  # absence covers June and July from then on
TERMS = ("Autumn", "Spring", "Summer", "Annual")
ABSENCE = (
    same("pmr", "id", "PupilMatchingRefAnonymous"), same("academic_year", "year", "AcademicYear"), same("urn", "id", "URN"),
    *(same(f"{kind}_{term.lower()}", "number", f"{delivered}_{term}") for term in TERMS for kind, delivered in (
        ("possible", "SessionsPossible"), ("authorised", "AuthorisedAbsence"), ("unauthorised", "UnauthorisedAbsence"), ("overall", "OverallAbsence"))),
    *(same(f"{kind}_summer_6th", "number", f"{delivered}_Summer6th", SIXTH_HALF_TERM_FROM) for kind, delivered in (
        ("possible", "SessionsPossible"), ("authorised", "AuthorisedAbsence"), ("unauthorised", "UnauthorisedAbsence"))),
    same("reason_o", "number", "AnnualReasonO"),
)
EXCLUSION_FIELDS = (("category", "code", "Category"), ("reason", "code", "Reason"), ("start_date", "date", "StartDate"),
                    ("sessions", "number", "Sessions"), ("nc_year", "code", "NCyear"), ("term", "code", "Term"))
SLOTS = 40
NC_YEAR_FROM = 2010  # year groups of exclusions are given from then on
EXCLUSIONS_WIDE = (
    same("pmr", "id", "PupilMatchingRefAnonymous"), same("academic_year", "year", "AcademicYear"),
    *(same(f"{name}_{slot}", kind, f"{delivered}_{slot}", NC_YEAR_FROM if name == "nc_year" else 0)
      for slot in range(1, SLOTS + 1) for name, kind, delivered in EXCLUSION_FIELDS),
    same("total_fixed", "number", "TotalFixedExclusions"), same("total_sessions", "number", "TotalFixedSessions"),
    same("permanent", "number", "PermanentExclusionCount"),
)
EXCLUSIONS_LONG = (
    same("pmr", "id", "PupilMatchingRefAnonymous"), same("academic_year", "year", "AcademicYear"),
    *(same(name, kind, delivered, NC_YEAR_FROM if name == "nc_year" else 0) for name, kind, delivered in EXCLUSION_FIELDS),
)
KS2_SCORES_FROM, KS4_LATER_FROM = 2016, 2015
KS2 = (
    same("pmr", "id", "KS2_PupilMatchingRefAnonymous"), same("academic_year", "year", "KS2_ACADYR"), same("natres", "flag", "KS2_NATRES"),
    same("english", "code", "KS2_ENGLEV", 0, 2015), same("reading", "code", "KS2_READLEV", 0, 2015), same("maths", "code", "KS2_MATLEV", 0, 2015),
    same("reading_score", "number", "KS2_READSCORE", 2016), same("maths_score", "number", "KS2_MATSCORE", 2016),
)
KS4 = (
    same("pmr", "id", "KS4_PupilMatchingRefAnonymous"), same("academic_year", "year", "KS4_ACADYR"), same("natres", "flag", "KS4_NATRES"),
    same("toe_code", "id", "KS4_ToE_CODE"), same("norflage", "flag", "KS4_NORFLAGE"),
    same("points", "number", "KS4_PTSCNEWE", 0, 2014), same("points_ptq", "number", "KS4_PTSCNEWE_PTQ", 0, 2014),
    same("points_ptq_ee", "number", "KS4_PTSCNEWE_PTQ_EE", 2015),
    same("level2_em", "flag", "KS4_LEVEL2_EM", 0, 2014), same("level2_em_ptq", "flag", "KS4_LEVEL2_EM_PTQ", 0, 2014),
    same("level2_em_ptq_ee", "flag", "KS4_LEVEL2_EM_PTQ_EE", 2015), same("glevel2em_ptq_ee", "flag", "KS4_GLEVEL2EM_PTQ_EE", 2015),
    same("level1_em", "flag", "KS4_LEVEL1_EM"), same("any_pass", "flag", "KS4_ANYPASS"), same("att8", "number", "KS4_ATT8", 2015),
    same("ebacc", "flag", "KS4_EBACC_94"), same("entry_1", "flag", "KS4_ENTRY_1"), same("entry_5", "flag", "KS4_ENTRY_5"),
    same("entries", "number", "KS4_ENTRIES"), same("passes_ac", "number", "KS4_PASSES_AC"), same("passes_ag", "number", "KS4_PASSES_AG"),
)
PNC = (
    same("moj_uid", "id", "MoJUID"), same("pmr", "id", "PupilMatchingRefAnonymous"), same("record", "id", "RecNo"), same("offence", "text", "Offence"),
    same("offence_date", "date", "OffenceDate"), same("offence_age", "number", "OffenceAge"), same("sentence_date", "date", "SentenceDate"),
    same("disposal_code", "code", "DisposalCode"), same("disposal", "text", "DisposalText"), same("conviction", "flag", "Conviction"),
    same("country", "text", "Country"),
)
COURT = (
    same("moj_uid", "id", "MoJUID"), same("xjs_id", "id", "estimated_xjs_id"), same("case_id", "id", "case_id_hash"),
    same("hearing_date", "date", "FirstHearingDate"), same("completion_date", "date", "CompletionDate"), same("offence_code", "code", "OffenceCode"),
    same("outcome", "code", "Outcome"), same("sentence_type", "code", "SentenceType"), same("sentence_days", "number", "SentenceLengthDays"),
)
CUSTODY = (
    same("moj_uid", "id", "MoJUID"), same("xjs_id", "id", "estimated_xjs_id"), same("reception_date", "date", "ReceptionDate"),
    same("reception_type", "code", "ReceptionType"), same("release_date", "date", "ReleaseDate"), same("sentence_days", "number", "SentenceLengthDays"),
    same("establishment", "code", "EstablishmentType"),
)

TABLES = {
    "cla": CLA, "cin": CIN, "link": LINK, "census": CENSUS, "pru": PRU, "ap": AP, "absence": ABSENCE, "exclusions": EXCLUSIONS_WIDE,
    "exclusions_long": EXCLUSIONS_LONG, "ks2": KS2, "ks4": KS4, "pnc": PNC, "magistrates": COURT, "crown": COURT, "custody": CUSTODY,
}
SUFFIXES = {"census": "SPR", "absence": "AB", "exclusions": "EX", "exclusions_long": "EX"}
LONG_YEARS = (2013, 2014, 2019)  # school years whose exclusions arrive one row each (assumed)


def delivered_names(table: str, year: int, first_share: bool) -> dict[str, str]:
    """Delivered name of each column of a file, in its usual order. `year` is 0 for files of all years."""
    suffix = f"_{SUFFIXES[table]}{year % 100:02d}" if table in SUFFIXES else ""
    named = {column.name: column.first if first_share else column.all_episodes for column in TABLES[table] if column.is_in(year)}
    return {name: delivered + suffix for name, delivered in named.items() if delivered}


def named_by_kind(table: str, *kinds: str) -> list[str]:
    """Names of the columns of a table that hold one of `kinds`, each once."""
    return list(dict.fromkeys(column.name for column in TABLES[table] if column.kind in kinds))
