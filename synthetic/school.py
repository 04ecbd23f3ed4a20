"""School lives: enrolment and moves, free meals, special needs, absence, suspensions and exclusions, alternative provision, attainment.

Time at school is counted in school years of life: year 5 is Reception, 6 is Year 1, 11 is Year 6, 16 is Year 11 and 18 is Year 13; the year `y` of a
child of cohort `c` is the school year that ends in summer `c + y`. Tables that run over years have one column for each year from `FIRST_YEAR`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .areas import Areas
from .days import day
from .parameters import AFTERMATH, AWAY, CAUSES, LEVEL, STEEPNESS
from .people import at, normal_quantile
from .streams import Streams, choose, evenly, onset, pick_index

FIRST_YEAR, LAST_YEAR = 4, 18
YEARS = np.arange(FIRST_YEAR, LAST_YEAR + 1)
ABSENCE_YEARS = np.arange(5, 17)   # enrolments of compulsory school age
TERM_DAYS = 322                    # from 1 September to 19 July
NURSERY, LATE, LEAVES, STAYS_ON = 0.55, 0.04, 0.03, 0.45  # assumed
NO_SESSIONS = 0.002                # pupil-years on a roll without a session that could be attended (assumed)
CHANGES_SCHOOL = 0.04              # chance a year of another school of the same phase (assumed)
SCHOOLS_IN_ENGLAND = {"primary": 16_800, "secondary": 3_400}  # published, about
MOST_SCHOOLS = {"primary": 350, "secondary": 100}             # in one authority; least: nine and four
NEIGHBOURHOODS = 60                # per authority in a big world (assumed); codes lie outside those in use
FIRST_URN = 200_001                # school numbers of this world; none is a real school's on purpose
ALWAYS_POOR = 0.45                 # of families ever eligible for free meals: eligible nearly throughout (assumed)
LANGUAGES = {"ENG": 84, "OTH": 15, "NOT": 1}  # assumed
SEN_FROM = {5: 16, 6: 16, 7: 15, 8: 13, 9: 10, 10: 8, 11: 6, 12: 7, 13: 7, 14: 7, 15: 5, 16: 1.2}  # start of support (assumed)
PLAN_FROM = {5: 9, 6: 7, 7: 6, 8: 6, 9: 6, 10: 7, 11: 7, 12: 11, 13: 12, 14: 14, 15: 15.5, 16: 16}      # start of statement or plan (assumed)
BEHAVIOUR_FROM = {5: 7, 6: 5, 7: 5, 8: 5, 9: 6, 10: 6, 11: 7, 12: 11, 13: 13, 14: 14.5, 15: 12, 16: 6}  # fitted to published timing
SUPPORT_ENDS = 0.40                # support that ends before Year 11 (assumed)
SEN_TYPES = {"MLD": 28, "SPLD": 20, "SLCN": 20, "ASD": 9, "PD": 3, "HI": 2, "VI": 1, "SLD": 3, "PMLD": 1, "MSI": 0.3, "OTH": 6, "NSA": 3}  # assumed
ABSENCE_PROFILE = np.array([0.0, -0.12, -0.20, -0.25, -0.27, -0.27, -0.22, 0.02, 0.13, 0.26, 0.40, 0.37])  # log, by year from Reception (assumed)
SUSPENSION_AGES = np.arange(5, 18)
SUSPENSION_RATES = np.array([0.02, 0.04, 0.05, 0.08, 0.12, 0.2, 0.30, 1.73, 4.2, 7.75, 10.5, 10.0]) * 0.0085  # by year (shape assumed: secondary is ten times primary)
EXCLUSION_RATES = np.array([0.01, 0.03, 0.05, 0.06, 0.1, 0.18, 0.3, 1.5, 2.6, 2.5, 1.15, 0.2]) * 0.00038
ALTERNATIVE_AGES = np.array([9, 11, 12, 13, 14, 15, 16, 17])
ALTERNATIVE_RATES = np.array([0.05, 0.08, 0.2, 0.4, 1.1, 4.4, 10.2]) * 0.0030
# Reasons of suspensions and exclusions, after counts published for 2016/17.
REASONS = {"PP": 18, "PA": 8, "VP": 4, "VA": 17, "BU": 1, "RA": 1, "SM": 0.6, "DA": 3, "DM": 2, "TH": 1, "DB": 28, "OT": 17}
REASONS_PERMANENT = {"PP": 13, "PA": 10, "VP": 4, "VA": 8, "BU": 0.3, "RA": 0.3, "SM": 1.3, "DA": 7, "DM": 1, "TH": 0.5, "DB": 36, "OT": 18}
LUNCHTIME = 0.03                   # of exclusions for a fixed period (assumed)


@dataclass
class School:
    """School lives of the pupils of a chunk; `person` in the long tables is the row in `people` (pupils come first)."""

    first: np.ndarray        # first and last year at a state school
    last: np.ndarray
    fsm: np.ndarray          # eligible, by year
    sen: np.ndarray          # 0 none, 1 support, 2 plan, by year
    sen_type: np.ndarray     # text
    behaviour_from: np.ndarray  # year from which the type of need is behaviour, 99 for never
    absence: dict[str, np.ndarray]  # possible, authorised, unauthorised, other: sessions, by year of ABSENCE_YEARS and term
    first_suspension: np.ndarray    # day, a far one for never; so are the next two
    first_exclusion: np.ndarray
    exclusions: pd.DataFrame        # person, day, category, reason, sessions
    alternative: pd.DataFrame       # person, kind (PRU or AP), first and last year
    ks2: dict[str, np.ndarray]
    ks4: dict[str, np.ndarray]


FAR = 10**6  # a day that never comes


def school_day(cohort: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Day of a moment of school time, such as 13.5: in term, never on a Saturday or Sunday; far for an infinite time."""
    known = np.isfinite(time)
    year = np.floor(np.where(known, time, 5)).astype(np.int64)
    days = day(cohort + year - 1, 9) + ((np.where(known, time, 5) - year) * TERM_DAYS).astype(np.int64)
    weekday = (days + 3) % 7  # Monday is 0
    days = days + np.where(weekday >= 5, 7 - weekday, 0)
    return np.where(known, days, FAR)


def school_time(cohort: np.ndarray, days: np.ndarray) -> np.ndarray:
    """School time of days, as years since the 1 September before birth; infinite for far days."""
    return np.where(days < FAR, (days - day(cohort - 1, 9)) / 365.25, np.inf)


def into_term(time: np.ndarray) -> np.ndarray:
    """The moment of `school_day` for a moment of the calendar; what falls in the summer holiday moves to its last days of term."""
    year = np.floor(time)
    return year + np.minimum((time - year) * 365.25 / TERM_DAYS, 0.99)


def begin_school(people: pd.DataFrame, areas: Areas, first_care: np.ndarray, streams: Streams) -> School:
    """School lives as far as they do not follow from offending.

    Args:
        people: pupils only.
        first_care: day of first entry to care, far for most.
    """
    first, last = enrolments(people, streams)
    cohort = people["cohort"].to_numpy()
    sen, sen_type, behaviour_from = special_needs(people, streams)
    steep = STEEPNESS["suspended"]
    in_care = school_time(cohort, first_care)
    suspended = onset(streams.named("school.suspension"), SUSPENSION_AGES, SUSPENSION_RATES,
                      LEVEL["suspended"] * np.exp(steep * people["suspended"].to_numpy() - steep**2 / 2 + 0.5 * people["male"].to_numpy()),
                      [(in_care, CAUSES["first entry to care", "first suspension"])], order=(people["male"].to_numpy(), people["risk"].to_numpy()))
    steep = STEEPNESS["excluded"]
    excluded = onset(streams.named("school.exclusion"), SUSPENSION_AGES, EXCLUSION_RATES,
                     LEVEL["excluded"] * np.exp(steep * people["excluded"].to_numpy() - steep**2 / 2 + 0.5 * people["male"].to_numpy()),
                     [(suspended, 4.0)], order=(people["male"].to_numpy(), people["risk"].to_numpy()))
    empty = pd.DataFrame({"person": [], "kind": [], "first": [], "last": []})
    return School(first, last, free_meals(people, areas, streams), sen, sen_type, behaviour_from, absences(people, streams),
                  school_day(cohort, suspended), school_day(cohort, excluded), pd.DataFrame(), empty, {}, {})


def finish_school(people: pd.DataFrame, school: School, first_violence: np.ndarray, linked: np.ndarray, first_care: np.ndarray, streams: Streams) -> None:
    """Add what follows from offending, then the whole list of suspensions and exclusions, alternative provision and attainment.

    Args:
        first_violence: day of the first offence of serious violence, far for most.
        linked: whether it is linked to the pupil; no cause of anything, but linked pupils are answered in the expected numbers.
    """
    cohort = people["cohort"].to_numpy()
    rng = streams.named("school.aftermath")
    at_school = (first_violence >= day(cohort + 9, 9)) & (first_violence < day(cohort + 16, 6))
    # Some are later not on the roll of a school, or not there, that could suspend or exclude them.
    for name, spans in AWAY.items():
        found = getattr(school, name)
        share = np.select([found > first_violence + after for after, _ in spans[::-1]], [share for _, share in spans[::-1]], 0.0)
        setattr(school, name, np.where(at_school & (evenly(rng, at_school & (found < FAR), linked, found - first_violence) < share), FAR, found))
    # An answer on the day, within the month, or in the two months after it; the day is moved into term.
    for name, share, within, longest in (("first_exclusion", AFTERMATH["excluded"], (0.12, 0.80), 125), ("first_suspension", AFTERMATH["suspended"], (0.01, 0.88), 55)):
        known = getattr(school, name) < first_violence
        answered = at_school & (evenly(rng, at_school, linked, known) < share)
        speed = evenly(rng, answered, linked, known)
        delay = np.select([speed < within[0], speed < within[1]], [0, rng.integers(1, 27, len(people))], rng.integers(30, longest, len(people)))
        time = school_time(cohort, np.where(answered, first_violence, day(cohort, 9)) + delay)
        answer = school_day(cohort, np.where(answered, into_term(time), np.inf))
        setattr(school, name, np.minimum(getattr(school, name), np.where(answer >= first_violence, answer, FAR)))
    stay_away(cohort, school, first_violence, np.flatnonzero(at_school & (evenly(rng, at_school, linked) < AFTERMATH["absent"])), rng)
    supported = np.flatnonzero(at_school & (evenly(rng, at_school, linked, school.sen.max(axis=1)) < AFTERMATH["support"]))
    since = np.floor(school_time(cohort[supported], first_violence[supported]))
    school.sen[supported] = np.maximum(school.sen[supported], YEARS >= since[:, None])
    school.exclusions = exclusion_list(people, school, streams)
    school.alternative = alternative_provision(people, school, first_violence, at_school, at_school & linked, streams)
    school.ks2, school.ks4 = attainment(people, school, first_care, streams)


def stay_away(cohort: np.ndarray, school: School, first_violence: np.ndarray, person: np.ndarray, rng: np.random.Generator) -> None:
    """Absence for a third to a half of the term in which some pupils first were violent: most of them with leave."""
    time = school_time(cohort[person], first_violence[person])
    year = np.clip(np.floor(time).astype(np.int64) - ABSENCE_YEARS[0], 0, len(ABSENCE_YEARS) - 1)
    term = np.minimum(((time - np.floor(time)) * 3 * 365.25 / TERM_DAYS).astype(np.int64), 2)
    place = person, year, term
    before, possible = school.absence["unauthorised"][place], school.absence["possible"][place]
    long = (possible * rng.uniform(0.33, 0.5, len(person))).astype(np.int16)
    with_leave = evenly(rng, person) < 0.62
    away = np.where(with_leave, before, np.maximum(before, long))
    school.absence["authorised"][place] = np.where(with_leave, np.maximum(school.absence["authorised"][place], long), school.absence["authorised"][place])
    school.absence["unauthorised"][place] = away
    school.absence["authorised"][place] = np.minimum(school.absence["authorised"][place], possible - away)
    school.absence["other"][person, year] += away - before


def enrolments(people: pd.DataFrame, streams: Streams) -> tuple[np.ndarray, np.ndarray]:
    """First and last school year at a state school."""
    rng = streams.named("school.enrolment")
    n = len(people)
    first = 5 - (rng.random(n) < NURSERY).astype(np.int64)
    stays = rng.random(n) < STAYS_ON * np.exp(0.35 * people["ks4"].to_numpy() - 0.06)
    last = 16 + np.where(stays, rng.integers(1, 3, n), 0)
    first = np.where(rng.random(n) < LATE, 5 + rng.integers(1, 10, n), first)
    last = np.where(rng.random(n) < LEAVES, np.minimum(last, 5 + rng.integers(1, 11, n)), last)
    arrived = np.floor((people["arrival"] - day(people["cohort"].to_numpy() - 1, 9)).to_numpy() / 365.25).astype(np.int64)
    first = np.where(people["is_uasc"], np.minimum(arrived, LAST_YEAR), first)
    last = np.where(people["is_uasc"], np.minimum(first + 1, LAST_YEAR), np.maximum(last, first))
    return first, np.maximum(last, first)


def free_meals(people: pd.DataFrame, areas: Areas, streams: Streams) -> np.ndarray:
    """Eligibility for free school meals in each year: families that are poor throughout, and families that are poor for a while."""
    rng = streams.named("school.fsm")
    n = len(people)
    share = np.minimum(areas.fsm[people["area_1"].to_numpy()] * LEVEL["fsm"], 0.95)
    poor = people["fsm"].to_numpy() > normal_quantile(1 - share)
    always = rng.random(n) < ALWAYS_POOR
    start = np.where(always, FIRST_YEAR, rng.integers(FIRST_YEAR, 16, n))
    length = np.where(always, 20, 1 + rng.geometric(0.3, n))
    on = (YEARS >= start[:, None]) & (YEARS < (start + length)[:, None]) & (rng.random((n, len(YEARS))) < 0.92)
    return on & poor[:, None]


def special_needs(people: pd.DataFrame, streams: Streams) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Provision in each year (0, 1 support, 2 statement or plan), main type of need, and the year from which it is behaviour (99: never)."""
    rng = streams.named("school.sen")
    n = len(people)
    boy = 0.22 * np.where(people["male"], 1, -1)
    has_plan = people["sen_plan"].to_numpy() + boy > normal_quantile(1 - LEVEL["sen_plan"])
    support = (people["sen"].to_numpy() + boy > normal_quantile(1 - LEVEL["sen"])) | has_plan
    start = np.array(list(SEN_FROM))[pick_index(rng, np.array(list(SEN_FROM.values())), n)]
    plan_start = np.array(list(PLAN_FROM))[pick_index(rng, np.array(list(PLAN_FROM.values())), n)]
    start = np.where(has_plan, np.minimum(start, plan_start), start)
    end = np.where((rng.random(n) < SUPPORT_ENDS) & ~has_plan, start + rng.integers(1, 8, n), 99)
    level = ((YEARS >= start[:, None]) & (YEARS < end[:, None]) & support[:, None]).astype(np.int8)
    level[(YEARS >= plan_start[:, None]) & has_plan[:, None]] = 2
    # Behaviour becomes the type of need of those likely to be suspended, for many only in secondary school.
    behaviour = rng.random(n) < 1 / (1 + np.exp(1.9 - 1.3 * people["suspended"].to_numpy()))
    behaviour_from = np.array(list(BEHAVIOUR_FROM))[pick_index(rng, np.array(list(BEHAVIOUR_FROM.values())), n)]
    return level, choose(rng, SEN_TYPES, n), np.where(behaviour, np.maximum(start, behaviour_from), 99)


def absences(people: pd.DataFrame, streams: Streams) -> dict[str, np.ndarray]:
    """Sessions possible and missed by year and term (of two sessions a day)."""
    rng = streams.named("school.absence")
    n, years = len(people), len(ABSENCE_YEARS)
    possible = np.broadcast_to(np.array([142, 118, 116]) - rng.integers(0, 3, (years, 3)), (n, years, 3)).copy()
    possible[:, -1, 2] -= 70  # Year 11 leaves in May
    part_of_term = rng.random((n, years, 3)) < 0.02
    possible[part_of_term] -= rng.integers(5, 40, int(part_of_term.sum()))
    nowhere = streams.named("school.no_sessions").random((n, years)) < NO_SESSIONS
    possible[nowhere] = 0
    rate = LEVEL["absence"] + ABSENCE_PROFILE + 0.62 * people["absence"].to_numpy()[:, None] + 0.42 * rng.standard_normal((n, years))
    rate = np.exp(np.minimum(rate[:, :, None] + 0.25 * rng.standard_normal((n, years, 3)), -0.3))
    missed = np.minimum(np.floor(possible * rate + rng.random((n, years, 3))), possible).astype(np.int16)
    score = LEVEL["unauthorised"] + 0.285 * (ABSENCE_YEARS - 14) + 1.35 * people["unauthorised"].to_numpy()[:, None] + 0.7 * rng.standard_normal((n, years))
    share = 1 / (1 + np.exp(-score))
    unauthorised = np.floor(missed * share[:, :, None] + rng.random((n, years, 3)) * (missed > 0)).astype(np.int16)
    unauthorised = np.minimum(unauthorised, missed)
    other = np.floor(unauthorised.sum(axis=2) * (0.75 + 0.2 * rng.random((n, years)))).astype(np.int16)
    return {"possible": possible.astype(np.int16), "authorised": missed - unauthorised, "unauthorised": unauthorised, "other": other}


def exclusion_list(people: pd.DataFrame, school: School, streams: Streams) -> pd.DataFrame:
    """Every suspension, lunchtime exclusion and permanent exclusion, in order of pupil and day."""
    rng = streams.named("school.exclusions")
    cohort = people["cohort"].to_numpy()
    person = np.flatnonzero(school.first_suspension < FAR)
    left = np.maximum(day(cohort[person] + 16, 6) - school.first_suspension[person], 0) / 365.25
    mean = left * 0.75 * np.exp(0.55 * people["suspended"].to_numpy()[person] - 0.5)
    more = np.minimum(rng.poisson(rng.gamma(0.8, 1 / 0.8, len(person)) * mean), 60)
    again = np.repeat(np.arange(len(person)), more)
    start = school_time(cohort[person[again]], school.first_suspension[person[again]])
    time = start + rng.random(len(again)) * np.maximum(16.7 - start, 0.05)
    days = school_day(cohort[person[again]], into_term(time))
    fixed = pd.DataFrame({"person": np.concatenate([person, person[again]]),
                          "day": np.concatenate([school.first_suspension[person], np.maximum(days, school.first_suspension[person[again]] + 3)])})
    fixed["category"] = np.where((rng.random(len(fixed)) < LUNCHTIME) & (np.arange(len(fixed)) >= len(person)), "LNCH", "FIXD")
    fixed["reason"] = choose(rng, REASONS, len(fixed))
    fixed["sessions"] = np.where(fixed["category"] == "LNCH", 1, np.minimum(2 * rng.geometric(0.42, len(fixed)) - (rng.random(len(fixed)) < 0.2), 90))
    excluded = np.flatnonzero(school.first_exclusion < FAR)
    permanent = pd.DataFrame({"person": excluded, "day": school.first_exclusion[excluded], "category": "PERM",
                              "reason": choose(rng, REASONS_PERMANENT, len(excluded)), "sessions": 0})
    made = pd.concat([fixed, permanent]).drop_duplicates(["person", "day", "category"])
    return made.sort_values(["person", "day", "category"], kind="stable").reset_index(drop=True)


def alternative_provision(people: pd.DataFrame, school: School, first_violence: np.ndarray, at_school: np.ndarray, apart: np.ndarray, streams: Streams) -> pd.DataFrame:
    """Time in a pupil referral unit or other alternative provision: kind, first and last school year; drawn evenly among those `apart`, and the others.

    Args:
        at_school: whether the first serious violence falls in secondary school.
    """
    rng = streams.named("school.alternative")
    steep = STEEPNESS["alternative"]
    cohort = people["cohort"].to_numpy()
    excluded = school_time(cohort, school.first_exclusion)
    time = onset(rng, ALTERNATIVE_AGES, ALTERNATIVE_RATES, LEVEL["alternative"] * np.exp(steep * people["alternative"].to_numpy() - steep**2 / 2),
                 [(excluded, CAUSES["first permanent exclusion", "alternative provision"])], order=(apart, people["alternative"].to_numpy()), then=(apart,))
    time = np.where((evenly(rng, apart, np.isfinite(excluded)) < 0.65) & np.isfinite(excluded), np.minimum(time, excluded + rng.exponential(0.20, len(people))), time)
    answered = at_school & (evenly(rng, apart, np.isfinite(time)) < AFTERMATH["alternative"])
    time = np.where(answered, np.minimum(time, school_time(cohort, first_violence) + 0.35 + rng.exponential(0.5, len(people))), time)
    person = np.flatnonzero(np.isfinite(time))
    first = np.clip(np.floor(time[person]).astype(np.int64), 5, 16)
    kind = np.where(rng.random(len(person)) < 0.7, "PRU", "AP").astype(object)
    return pd.DataFrame({"person": person, "kind": kind, "first": first, "last": np.minimum(first + rng.geometric(0.55, len(person)) - 1, 16),
                         "day": school_day(cohort[person], np.minimum(time[person], 16.9))})


def attainment(people: pd.DataFrame, school: School, first_care: np.ndarray, streams: Streams) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Results at the end of primary school and of Year 11."""
    rng = streams.named("school.attainment")
    n = len(people)
    cohort = people["cohort"].to_numpy()

    def reaches(score: np.ndarray, fail: float) -> np.ndarray:
        return score > normal_quantile(fail)

    ks2 = {}
    for subject in ("english", "maths"):
        score = people[f"ks2_{subject}"].to_numpy()
        ks2[subject] = reaches(score, LEVEL[f"ks2_{subject}"])
        ks2[f"{subject}_score"] = score
    # Care and permanent exclusion cost some of the result (planted; see the table of planted effects).
    score = people["ks4"].to_numpy() - 0.15 * (first_care < day(cohort + 16, 5)) - 0.40 * (school.first_exclusion < FAR)
    wobble = 0.80 * score + np.sqrt(1 - 0.80**2) * rng.standard_normal(n)
    five_c = reaches(0.90 * score + np.sqrt(1 - 0.90**2) * rng.standard_normal(n), LEVEL["ks4_five_c"])
    five_g = reaches(score, LEVEL["ks4_five_g"]) | five_c & reaches(score, 0.6 * LEVEL["ks4_five_g"])
    five_c &= five_g
    any_pass = reaches(wobble, LEVEL["ks4_any"]) | five_g
    ks4 = {"any": any_pass, "five_g": five_g, "five_c": five_c, "score": score, "ebacc": reaches(score + 0.5 * rng.standard_normal(n), 0.78)}
    return ks2, ks4


def school_traits(people: pd.DataFrame, school: School) -> np.ndarray:
    """Whether each pupil ever has free meals, support, a plan, persistent absence (any, unauthorised other), a suspension, a permanent exclusion, and the
    results that their propensities alone would give; one row for each pupil."""
    missed = (school.absence["authorised"] + school.absence["unauthorised"]).sum(axis=2)
    enrolled = (ABSENCE_YEARS >= np.maximum(school.first, 6)[:, None]) & (ABSENCE_YEARS <= school.last[:, None])
    tenth = 0.10 * school.absence["possible"].sum(axis=2)
    level = school.sen.max(axis=1)
    results = [people[name].to_numpy() > normal_quantile(LEVEL[fail]) for name, fail in (
        ("ks4", "ks4_five_g"), ("ks4", "ks4_five_c"), ("ks4", "ks4_any"), ("ks2_english", "ks2_english"), ("ks2_maths", "ks2_maths"))]
    return np.column_stack([
        school.fsm.any(axis=1), level == 1, level == 2, (enrolled & (missed >= tenth)).any(axis=1),
        (enrolled & (school.absence["other"] >= tenth)).any(axis=1), school.first_suspension < FAR, school.first_exclusion < FAR, *results])


def school_moments(people: pd.DataFrame, school: School) -> np.ndarray:
    """Day of the first suspension, permanent exclusion, term of persistent absence (any, without leave for other reasons), support, plan and need
    of behaviour of each pupil; far for never."""
    cohort = people["cohort"].to_numpy()[:, None]
    missed = school.absence["authorised"] + school.absence["unauthorised"]
    share = school.absence["other"] / np.maximum(school.absence["unauthorised"].sum(axis=2), 1)
    enrolled = ((ABSENCE_YEARS >= np.maximum(school.first, 6)[:, None]) & (ABSENCE_YEARS <= school.last[:, None]))[:, :, None] & (school.absence["possible"] > 0)
    tenth = 0.10 * school.absence["possible"]
    term_days = (day(cohort + ABSENCE_YEARS - 1, 9)[:, :, None] + np.array([50, 160, 250])).reshape(len(people), 3 * len(ABSENCE_YEARS))
    columns = [school.first_suspension, school.first_exclusion]
    for far_away in (missed >= tenth, school.absence["unauthorised"] * share[:, :, None] >= tenth):
        columns.append(np.where((enrolled & far_away).reshape(term_days.shape), term_days, FAR).min(axis=1))
    spring = day(cohort + YEARS - 1, 10)
    behaviour = (YEARS >= school.behaviour_from[:, None]) & (school.sen > 0)
    columns += [np.where(is_so, spring, FAR).min(axis=1) for is_so in (school.sen > 0, school.sen == 2, behaviour)]
    return np.column_stack(columns)


def schools(people: pd.DataFrame, areas: Areas, person: np.ndarray, year: np.ndarray, total: int,
            streams: Streams) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Authority (position), school number within it and first year in it, of pupils in school years.

    Args:
        person: row in `people`, in runs of one pupil in order of year.
        year: school year of each row.
        total: pupils of the whole world, which settles how many schools there are.
    """
    cohort = people["cohort"].to_numpy()[person]
    area, _ = at(people, person, day(cohort + year, 1, 20))
    secondary = year >= 12
    scale = areas.pupils / 3_165_000 * min(1.0, total / 1_500_000)
    counts = {phase: np.clip(np.round(scale * number), least, MOST_SCHOOLS[phase]).astype(np.int64)
              for (phase, number), least in zip(SCHOOLS_IN_ENGLAND.items(), (9, 4))}
    taste = streams.named("school.choice").random((len(people), 2))[person, secondary.astype(int)]
    moves = streams.named("school.change").random((len(people), len(YEARS))) < CHANGES_SCHOOL
    so_far = np.cumsum(moves, axis=1)[person, np.clip(year - FIRST_YEAR, 0, len(YEARS) - 1)]
    size = np.where(secondary, counts["secondary"][area], counts["primary"][area])
    school = ((taste * size).astype(np.int64) + so_far) % size + np.where(secondary, MOST_SCHOOLS["primary"], 0)
    number = area * (MOST_SCHOOLS["primary"] + MOST_SCHOOLS["secondary"]) + school
    is_new = np.append(True, (person[1:] != person[:-1]) | (number[1:] != number[:-1]))[:len(person)]
    joined = year[np.maximum.accumulate(np.where(is_new, np.arange(len(person)), 0))] if len(person) else year
    return area, number, joined
