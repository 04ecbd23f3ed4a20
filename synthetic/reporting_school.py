"""What schools and authorities returned: spring censuses, pupil referral units, alternative provision, absence, exclusions, results."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .columns import KS2_SCORES_FROM, KS4_LATER_FROM, LONG_YEARS, NC_YEAR_FROM, SIXTH_HALF_TERM_FROM, SLOTS
from .days import day, year_month
from .people import MINOR
from .school import ABSENCE_YEARS, FIRST_URN, FIRST_YEAR, LANGUAGES, MOST_SCHOOLS, NEIGHBOURHOODS, SEN_TYPES, YEARS, schools
from .streams import Streams, pick_index
from .tables import SMALL_NUMBERS, Rows, Text, stack
from .world import World

FIRST_CENSUS, LAST_CENSUS = 2002, 2021     # spring censuses by calendar year; annual before 2006
ABSENCE_FROM, EXCLUSIONS_FROM, KS2_FROM, KS4_FROM = 2006, 2006, 2002, 2005
NOT_COLLECTED = 2020                       # absence and tests of the year in which schools closed
PRU_FROM, PRU_UNTIL, AP_FROM = 2010, 2013, 2008
BOYCOTT_YEAR, BOYCOTT = 2010, 0.26         # schools that did not take part in the tests of 2010 (published: about a quarter)
SECOND_RESULT = 0.01                       # pupils with a further result that does not count in national results (assumed)
MOVED_IN_YEAR = 0.03                       # pupil-years with two enrolments (assumed)
OVER_THE_BORDER = 0.05                     # pupils who live in another authority than that of their school (assumed)
INDEPENDENT, PRIVATE = 0.50, 0.06          # of those who leave state schools before Year 11: results from an independent school, from nowhere (assumed)
ACADEMIES_FROM = 2011                      # half of all results come from academies from then on (assumed)
YEAR_BELOW = 0.005                         # pupils taught a year below (assumed)
NC_NAMES = ("N1", "N2", "R", *map(str, range(1, 15)))  # year groups from school year 3 on
SCHOOL_NAMES = ("St Aidan", "Hillside", "Riverside", "St Chloe", "The Meadows", "Park Lane", "Cafe Road", "Bede", "Oak Tree")  # invented
SEN_CODES = ("N", "A", "P", "K", "S", "E")
YEAR_LABELS = [f"{year - 1}/{year}" for year in range(1990, 2030)]
PRU_URN = 999_000  # pupil referral units are numbered from here, one for each authority


def year_labels(year: np.ndarray) -> Text:
    """Academic years such as 2010/2011, by the year in which they end."""
    return Text.listed(year - 1990, YEAR_LABELS)


def runs(first: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row and value for every whole number from `first` to `last`."""
    counts = np.maximum(last - first + 1, 0)
    row = np.repeat(np.arange(len(first)), counts)
    return row, first[row] + np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)


def nc_text(year: np.ndarray) -> Text:
    """Year group of a school year: R for 5, 1 for 6, ..."""
    return Text.listed(np.clip(year - 3, 0, len(NC_NAMES) - 1), NC_NAMES)


def report_school(world: World, pmr: np.ndarray, streams: Streams) -> dict[str, Rows]:
    """The tables `census`, `pru`, `ap`, `absence`, `exclusions`, `exclusions_long`, `ks2` and `ks4`."""
    pupils = world.people.iloc[:world.block.pupils]
    tables = {"census": census(world, pupils, pmr, streams)}
    tables |= alternative(world, pupils, pmr, streams)
    tables["absence"] = absence(world, pupils, pmr, streams)
    tables |= exclusions(world, pupils, pmr)
    tables |= results(world, pupils, pmr, streams)
    return tables


def sen_code(level: np.ndarray, year: np.ndarray, draw: np.ndarray) -> np.ndarray:
    """Provision in the codes of the year: A, P and S to spring 2014, then K and E, statements fading out by 2018. Positions in `SEN_CODES`."""
    support = np.where(year <= 2014, np.where(draw < 0.4, 2, 1), 3)
    plan = np.where((year <= 2014) | (year <= 2018) & (draw < (2019 - year) / 5), 4, 5)
    return np.select([level == 0, level == 1], [0, support], plan)


def census(world: World, pupils: pd.DataFrame, pmr: np.ndarray, streams: Streams) -> Rows:
    """Spring school census: one row for each pupil and year, at the school of 20 January."""
    school = world.school
    cohort = pupils["cohort"].to_numpy()
    person, year = runs(np.maximum(school.first, FIRST_CENSUS - cohort), np.minimum(school.last, LAST_CENSUS - cohort))
    # Pupils in a unit or other provision: before 2014 units had a census of their own; half of those pupils stay on the roll of a school.
    away = school.alternative
    drawn = streams.named("reporting.on_roll").random(len(away))
    spell, spell_year = runs(away["first"].to_numpy(dtype=np.int64), away["last"].to_numpy(dtype=np.int64))
    unit = (away["kind"] == "PRU").to_numpy()[spell]
    key = away["person"].to_numpy(dtype=np.int64)[spell] * 32 + spell_year
    in_2014 = cohort[key // 32] + spell_year > PRU_UNTIL
    here = person * 32 + year
    kept = ~np.isin(here, key[(~unit | ~in_2014) & (drawn[spell] < 0.5)])
    person, year, here = person[kept], year[kept], here[kept]
    n = len(person)
    calendar = cohort[person] + year
    area, number, joined = schools(pupils, world.areas, person, year, world.block.total, streams)
    in_unit = np.isin(here, key[unit & in_2014])
    column = np.clip(year - FIRST_YEAR, 0, len(YEARS) - 1)
    so_far = np.concatenate([np.zeros((len(pupils), 1), dtype=np.int16), np.cumsum(school.fsm, axis=1, dtype=np.int16)], axis=1)
    lately = so_far[person, column + 1] > so_far[person, np.maximum(column - 5, 0)]
    draw = streams.named("reporting.sen").random(n)
    level = school.sen[person, column]
    sen = sen_code(level, calendar, draw)
    below = (streams.named("reporting.year_below").random(len(pupils)) < YEAR_BELOW)[person]
    kinds = ["", *SEN_TYPES, "BESD", "SEMH"]
    kind = np.array([kinds.index(text) for text in school.sen_type], dtype=np.int64)[person]
    kind = np.where(year >= school.behaviour_from[person], np.where(calendar <= 2014, len(kinds) - 2, len(kinds) - 1), kind)
    type_codes = np.where(level > 0, kind, 0)
    away = streams.named("reporting.home_area").random(len(pupils)) < OVER_THE_BORDER
    home_area = np.where(away[person], (area + 1) % len(world.areas), area)
    home, score = neighbourhoods(world, pupils, person, home_area)
    per_area = sum(MOST_SCHOOLS.values())
    urns = np.concatenate([np.arange(FIRST_URN, FIRST_URN + per_area * len(world.areas)), np.arange(PRU_URN, PRU_URN + len(world.areas))]).astype(str)
    language = pick_index(streams.named("reporting.language"), np.array(list(LANGUAGES.values()), dtype=float), len(pupils))
    entry = np.array([0, 1, 2, 3, 4])[(joined + number) % 5] + day(cohort[person] + joined - 1, 9)
    return Rows({
        "pmr": Text(person.astype(np.int32), pmr), "moj_uid": Text.constant("", n), "academic_year": year_labels(calendar),
        "la": Text.listed(area, world.areas.code), "urn": Text.listed(np.where(in_unit, per_area * len(world.areas) + area, number), urns),
        "school_name": Text.listed(number % len(SCHOOL_NAMES), SCHOOL_NAMES), "sex": Text.listed(pupils["male"].to_numpy()[person], ["F", "M"]),
        "birth_year": Text.numbers(pupils["birth_year"].to_numpy()[person]), "birth_month": Text.numbers(pupils["birth_month"].to_numpy()[person]),
        "ethnicity": Text.listed(pupils["ethnicity"].to_numpy()[person], MINOR), "language": Text.listed(language[person], list(LANGUAGES)),
        "fsm": Text.flag(school.fsm[person, column]), "ever_fsm_6": Text.flag(lately), "sen": Text.listed(sen, SEN_CODES),
        "sen_type": Text.listed(type_codes, kinds), "nc_year": nc_text(year - below),
        "enrol_status": Text.constant("C", n), "on_roll": Text.constant("1", n), "entry_date": Text.dates(entry),
        "leaving_date": Text.constant("", n), "idaci": score, "lsoa": home,
        "home_la": Text.listed(home_area, world.areas.code), "record_status": Text.constant("1", n),
    }, {"_person": person, "_year": calendar, "_order": year})


def neighbourhoods(world: World, pupils: pd.DataFrame, person: np.ndarray, area: np.ndarray) -> tuple[Text, Text]:
    """Neighbourhood code and its income deprivation score; poor families live in the poorer ones."""
    count = min(NEIGHBOURHOODS, max(12, world.block.total // 20_000))
    # Half of where a family lives follows from how poor it is.
    place = np.clip(0.5 + 0.15 * pupils["fsm"].to_numpy() + 0.25 * np.sin(997.0 * pupils["person"].to_numpy()), 0, 0.9999)
    rank = (place * count).astype(np.int64)[person]
    number = area * count + rank
    scores = (0.62 * world.areas.fsm[:, None] * (0.3 + 1.4 * np.arange(count) / (count - 1))[None, :]).ravel()
    return (Text.listed(number, [f"E01{90_000 + k:06d}" for k in range(count * len(world.areas))]),
            Text.listed(number, [f"{s:.3f}" for s in np.minimum(scores, 0.99)]))


def alternative(world: World, pupils: pd.DataFrame, pmr: np.ndarray, streams: Streams) -> dict[str, Rows]:
    """Censuses of pupil referral units (2010 to 2013) and of other alternative provision (from 2008)."""
    spells = world.school.alternative
    cohort = pupils["cohort"].to_numpy()
    row, year = runs(spells["first"].to_numpy(dtype=np.int64), spells["last"].to_numpy(dtype=np.int64))
    person = spells["person"].to_numpy(dtype=np.int64)[row]
    unit = (spells["kind"] == "PRU").to_numpy()[row]
    calendar = cohort[person] + year
    column = year - FIRST_YEAR
    level = world.school.sen[person, column]
    sen = sen_code(level, calendar, streams.named("reporting.alternative_sen").random(len(row)))
    area = pupils["area_1"].to_numpy()[person]
    everything = Rows({
        "pmr": Text(person.astype(np.int32), pmr), "academic_year": year_labels(calendar), "la": Text.listed(area, world.areas.code),
        "urn": Text.listed(area, (PRU_URN + np.arange(len(world.areas))).astype(str)), "sex": Text.listed(pupils["male"].to_numpy()[person], ["F", "M"]),
        "birth_year": Text.numbers(pupils["birth_year"].to_numpy()[person]), "birth_month": Text.numbers(pupils["birth_month"].to_numpy()[person]),
        "ethnicity": Text.listed(pupils["ethnicity"].to_numpy()[person], MINOR), "fsm": Text.flag(world.school.fsm[person, column]),
        "sen": Text.listed(sen, SEN_CODES), "sen_type": Text.of(np.where(level > 0, world.school.sen_type[person], "").astype(object)),
        "nc_year": nc_text(year), "enrol_status": Text.constant("C", len(row)), "entry_date": Text.dates(spells["day"].to_numpy(dtype=np.int64)[row]),
        "age_start": Text.numbers(year - 1),
    }, {"_person": person, "_year": calendar, "_order": year})
    pru = everything.take(unit & (calendar >= PRU_FROM) & (calendar <= PRU_UNTIL)).without("age_start")
    other = everything.take(~unit & (calendar >= AP_FROM) & (calendar <= LAST_CENSUS))
    return {"pru": pru, "ap": Rows({name: other.columns[name] for name in ("pmr", "academic_year", "age_start", "fsm", "sen", "la")}, other.hidden)}


def absence(world: World, pupils: pd.DataFrame, pmr: np.ndarray, streams: Streams) -> Rows:
    """Absence of the school year, one row for each enrolment: pupils who change school in the year have two, autumn and the rest."""
    school = world.school
    cohort = pupils["cohort"].to_numpy()
    first = np.maximum(np.maximum(school.first, 6), ABSENCE_FROM - cohort)
    person, year = runs(first, np.minimum(np.minimum(school.last, 16), LAST_CENSUS - cohort))
    collected = cohort[person] + year != NOT_COLLECTED
    person, year = person[collected], year[collected]
    moved = streams.named("reporting.moved_in_year").random(len(person)) < MOVED_IN_YEAR
    row = np.concatenate([np.arange(len(person)), np.flatnonzero(moved)])
    second = np.arange(len(row)) >= len(person)
    split = moved[row]
    person, year = person[row], year[row]
    column = year - ABSENCE_YEARS[0]
    here = np.ones((len(row), 3), dtype=bool)
    here[split & ~second, 1:] = False
    here[second, 0] = False
    _, number, _ = schools(pupils, world.areas, person, year, world.block.total, streams)
    number = np.where(second, number // 450 * 450 + (number + 1) % 450, number)
    columns = {"pmr": Text(person.astype(np.int32), pmr), "academic_year": year_labels(cohort[person] + year),
               "urn": Text.listed(number, np.arange(FIRST_URN, FIRST_URN + 450 * len(world.areas)).astype(str))}
    sums: dict[str, np.ndarray] = {}
    terms = {}
    for kind in ("possible", "authorised", "unauthorised"):
        sessions = school.absence[kind][person, column] * here
        terms[kind] = sessions
        sums[kind] = sessions.sum(axis=1)
    terms["overall"] = terms["authorised"] + terms["unauthorised"]
    sums["overall"] = sums["authorised"] + sums["unauthorised"]
    for place, term in enumerate(("autumn", "spring", "summer", "annual")):
        for kind in ("possible", "authorised", "unauthorised", "overall"):
            values = sums[kind] if term == "annual" else terms[kind][:, place]
            if term == "summer" and kind != "overall":  # the sixth half term has a column of its own
                late = np.where(cohort[person] + year >= SIXTH_HALF_TERM_FROM, values * 9 // 20, 0)
                columns[f"{kind}_summer_6th"] = Text.numbers(late, ~here[:, place] | (cohort[person] + year < SIXTH_HALF_TERM_FROM))
                values = values - late
            columns[f"{kind}_{term}"] = Text.numbers(values, np.zeros(len(row), dtype=bool) if term == "annual" else ~here[:, place])
    share = school.absence["other"][person, column] / np.maximum(school.absence["unauthorised"][person, column].sum(axis=1), 1)
    whole = school.absence["other"][person, column]
    autumn = np.floor(share * school.absence["unauthorised"][person, column, 0]).astype(np.int64)
    columns["reason_o"] = Text.numbers(np.select([split & ~second, second], [autumn, whole - autumn], whole))
    return Rows(columns, {"_person": person, "_year": cohort[person] + year, "_order": year * 2 + second})


def exclusions(world: World, pupils: pd.DataFrame, pmr: np.ndarray) -> dict[str, Rows]:
    """Exclusions: most years wide, one row for each pupil with up to forty slots; some years long."""
    listed = world.school.exclusions
    cohort = pupils["cohort"].to_numpy()
    year, month = year_month(listed["day"].to_numpy())
    calendar = year + (month >= 9)
    kept = (calendar >= EXCLUSIONS_FROM) & (calendar <= LAST_CENSUS)
    listed, calendar, month = listed[kept].reset_index(drop=True), calendar[kept], month[kept]
    person = listed["person"].to_numpy()
    term = Text.listed(np.select([month >= 9, month <= 3], [0, 1], 2), ["AUT", "SPR", "SUM"])
    fields = {
        "category": Text.of(np.where((listed["category"] == "FIXD") & (calendar >= 2021), "SUSP", listed["category"]).astype(object)),
        "reason": Text.of(listed["reason"].to_numpy(dtype=object)), "start_date": Text.dates(listed["day"].to_numpy()),
        "sessions": Text.numbers(listed["sessions"].to_numpy(), listed["category"].to_numpy() == "PERM"),
        "nc_year": nc_text(calendar - cohort[person]).where(calendar >= NC_YEAR_FROM), "term": term,
    }
    is_long = np.isin(calendar, LONG_YEARS)
    base = Rows({"pmr": Text(person.astype(np.int32), pmr), "academic_year": year_labels(calendar)} | fields,
                {"_person": person, "_year": calendar, "_order": listed["day"].to_numpy()})
    wide = base.take(~is_long)
    return {"exclusions_long": base.take(is_long), "exclusions": widen(wide, listed[~is_long].reset_index(drop=True))}


def widen(rows: Rows, listed: pd.DataFrame) -> Rows:
    """One row for each pupil and year; the fortieth exclusion is the last that has a place."""
    person, year = rows.hidden["_person"], rows.hidden["_year"]
    new = np.append(True, (person[1:] != person[:-1]) | (year[1:] != year[:-1]))[:len(person)]
    group = np.cumsum(new) - 1
    start = np.flatnonzero(new)
    slot = np.arange(len(person)) - start[group] if len(person) else group
    columns = {name: rows.columns[name].take(start) for name in ("pmr", "academic_year")}
    for name in ("category", "reason", "start_date", "sessions", "nc_year", "term"):
        source = rows.columns[name]
        for number in range(SLOTS):
            mine = np.flatnonzero(slot == number)
            codes = np.full(len(start), len(source.values), dtype=np.int32)
            codes[group[mine]] = source.codes[mine]
            if source.values is SMALL_NUMBERS or (source.values.size and source.values[0] == ""):
                codes[codes == len(source.values)] = 0
                columns[f"{name}_{number + 1}"] = Text(codes, source.values)
            else:
                columns[f"{name}_{number + 1}"] = Text(codes, np.append(source.values, ""))
    fixed = listed["category"].isin(["FIXD", "LNCH"]).to_numpy()
    count = len(start)
    columns["total_fixed"] = Text.numbers(np.bincount(group, fixed, count).astype(np.int64))
    columns["total_sessions"] = Text.numbers(np.bincount(group, np.where(fixed, listed["sessions"], 0), count).astype(np.int64))
    columns["permanent"] = Text.numbers(np.bincount(group, ~fixed, count).astype(np.int64))
    return Rows(columns, {"_person": person[start], "_year": year[start], "_order": start})


def results(world: World, pupils: pd.DataFrame, pmr: np.ndarray, streams: Streams) -> dict[str, Rows]:
    """Key stage 2 and key stage 4 results, some with a further row that does not count in national results."""
    school, cohort = world.school, pupils["cohort"].to_numpy()
    rng = streams.named("reporting.results")
    made = {}
    for table, at_year, first_year in (("ks2", 11, KS2_FROM), ("ks4", 16, KS4_FROM)):
        calendar = cohort + at_year
        sits = (school.first <= at_year) & (school.last >= at_year) & (calendar >= first_year) & (calendar <= LAST_CENSUS)
        if table == "ks2":
            sits &= calendar < NOT_COLLECTED
        person = np.flatnonzero(sits)
        twice = person[rng.random(len(person)) < SECOND_RESULT]
        second = np.arange(len(person) + len(twice)) >= len(person)
        person = np.concatenate([person, twice])
        year = calendar[person]
        columns = {"pmr": Text(person.astype(np.int32), pmr), "academic_year": year_labels(year), "natres": Text.flag(~second)}
        make = key_stage_2 if table == "ks2" else key_stage_4
        if table == "ks4":
            columns |= entered_by(person, year)
        made[table] = Rows(columns | make(school, person, year, second, rng), {"_person": person, "_year": year, "_order": second.astype(np.int64)})
    made["ks4"] = stack([made["ks4"], other_candidates(world, pupils, pmr, streams)])
    return made


def entered_by(person: np.ndarray, year: np.ndarray, private: np.ndarray | None = None) -> dict[str, Text]:
    """Type of the establishment that entered a pupil (01 community school, 34 academy, 11 independent), and whether it is on its roll."""
    if private is None:
        kind = ((year >= ACADEMIES_FROM) & (person % 2 == 1)).astype(np.int64)
        return {"toe_code": Text.listed(kind, ["01", "34"]), "norflage": Text.constant("1", len(person))}
    return {"toe_code": Text.listed(private.astype(np.int64), ["11", ""]), "norflage": Text.flag(~private)}


def other_candidates(world: World, pupils: pd.DataFrame, pmr: np.ndarray, streams: Streams) -> Rows:
    """Key stage 4 results of some who left state schools before Year 11: pupils of independent schools and private candidates."""
    school, cohort = world.school, pupils["cohort"].to_numpy()
    rng = streams.named("reporting.other_candidates")
    draw = rng.random(len(pupils))
    calendar = cohort + 16
    sits = (school.last < 16) & (draw < INDEPENDENT + PRIVATE) & (calendar >= KS4_FROM) & (calendar <= LAST_CENSUS)
    person = np.flatnonzero(sits)
    year, second = calendar[person], np.zeros(len(person), dtype=bool)
    columns = {"pmr": Text(person.astype(np.int32), pmr), "academic_year": year_labels(year), "natres": Text.flag(~second)}
    columns |= entered_by(person, year, draw[person] >= INDEPENDENT)
    return Rows(columns | key_stage_4(school, person, year, second, rng), {"_person": person, "_year": year, "_order": second.astype(np.int64)})


def key_stage_2(school, person: np.ndarray, year: np.ndarray, second: np.ndarray, rng: np.random.Generator) -> dict[str, Text]:
    """Levels to 2015, scaled scores from 2016 (100 is the expected standard)."""
    scored = year >= KS2_SCORES_FROM
    boycott = (year == BOYCOTT_YEAR) & (rng.random(len(person)) < BOYCOTT)
    columns = {}
    for name, subject in (("english", "english"), ("reading", "english"), ("maths", "maths")):
        reached, score = school.ks2[subject][person], school.ks2[f"{subject}_score"][person]
        level = np.select([~reached & (score < -2.1), ~reached & (score < -1.75), ~reached, score < 0.35, score < 2.6], [0, 1, 2, 3, 4], 5)
        level = np.where(second, np.maximum(level - 1, 0), level)
        columns[name] = Text.listed(np.where(scored | boycott, 6, level), ["N", "2", "3", "4", "5", "6", ""])
    for name, subject in (("reading_score", "english"), ("maths_score", "maths")):
        reached, score = school.ks2[subject][person], school.ks2[f"{subject}_score"][person]
        value = np.where(reached, np.clip(103 + 5.5 * score, 100, 120), np.clip(103 + 5.5 * score, 80, 99)).astype(np.int64)
        columns[name] = Text.numbers(np.where(second, np.maximum(value - 4, 80), value), ~scored)
    return columns


def key_stage_4(school, person: np.ndarray, year: np.ndarray, second: np.ndarray, rng: np.random.Generator) -> dict[str, Text]:
    """Results at the end of Year 11; a further row holds a lesser result."""
    ks4 = {name: values[person] for name, values in school.ks4.items()}
    five_c, five_g, any_pass = (ks4[name] & ~second for name in ("five_c", "five_g", "any"))
    late = year >= KS4_LATER_FROM
    entries = np.where(any_pass, np.clip(np.round(8.6 + 1.3 * ks4["score"]), 1, 13), 0).astype(np.int64)
    good = np.where(five_c, np.clip(np.round(7 + 1.2 * ks4["score"]), 5, 13), np.clip(np.round(3 + 1.5 * ks4["score"]), 0, 4)).astype(np.int64)
    entries = np.maximum(entries, np.where(five_g, 5, 0))
    attained = np.clip(np.round(46 + 17 * ks4["score"]), 0, 87).astype(np.int64)
    points = np.where(any_pass, np.clip(np.round(300 + 80 * ks4["score"]), 16, 464), 0).astype(np.int64)
    return {
        "level2_em": Text.flag(five_c).where(~late), "level2_em_ptq": Text.flag(five_c).where(~late & (year >= 2010)),
        "level2_em_ptq_ee": Text.flag(five_c).where(late & (year <= 2016)), "glevel2em_ptq_ee": Text.flag(five_c).where(year >= 2017),
        "points": Text.numbers(points, late), "points_ptq": Text.numbers(points, late | (year < 2010)),
        "points_ptq_ee": Text.numbers(points, ~late | (year > 2016)),
        "level1_em": Text.flag(five_g), "any_pass": Text.flag(any_pass), "att8": Text.numbers(np.where(any_pass, attained, 0), ~late),
        "ebacc": Text.flag(ks4["ebacc"] & five_c), "entry_1": Text.flag(entries >= 1), "entry_5": Text.flag(entries >= 5),
        "entries": Text.numbers(entries), "passes_ac": Text.numbers(np.minimum(good * any_pass, entries)),
        "passes_ag": Text.numbers(np.where(five_g, np.maximum(entries - 1, 5), np.minimum(entries, 4) * any_pass)),
    }
