"""School lives: who is in which school in which year, and the rows of the spring school census."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .areas import AREAS
from .days import day, iso
from .people import at
from .streams import Streams, choose

FIRST_CENSUS, LAST_CENSUS = 2002, 2021  # spring censuses by calendar year; annual before 2006
FIRST_URN = 900_001   # school numbers of this world lie above those in use
SCHOOLS = {"primary": 9, "secondary": 4}  # per authority (assumed)
NEIGHBOURHOODS = 12   # per authority (assumed); codes lie outside those in use
STAYS_ON = 0.45       # pupils still in a school after Year 11 (assumed)
NURSERY = 0.55        # pupils first counted in a nursery class (assumed)
LATE, LEAVES = 0.04, 0.03  # pupils who join after Reception, or leave state schools for good (assumed)
CHANGES_SCHOOL = 0.04 # chance per year of another school of the same phase (assumed)
EVER_POOR = 0.38      # families ever eligible for free meals (published: 35% of the cohort; the sample holds more poor families)
LANGUAGES = {"ENG": 88, "OTH": 11, "NOT": 1}  # assumed
SEN_PATH = {"none": 66, "support": 30, "plan": 4}  # ever support 40%, plan 4% published; support here is entered later by some
SEN_TYPES = {"MLD": 24, "SPLD": 18, "BESD": 24, "SLCN": 16, "ASD": 8, "PD": 3, "HI": 2, "VI": 1, "SLD": 2, "OTH": 2}  # assumed
SCHOOL_NAMES = ("St Aidan", "Hillside", "Riverside", "St Chloe", "The Meadows", "Park Lane", "Cafe Road", "Bede", "Oak Tree")  # invented


def make_enrolments(people: pd.DataFrame, streams: Streams) -> pd.DataFrame:
    """First and last spring census of each pupil.

    Returns:
        Columns `person`, `first_census`, `last_census` (calendar years) and `start_year` (calendar year of the September the pupil joined);
        pupils only. A first census before 2002 was not collected.
    """
    rng = streams.named("school.enrolment")
    pupils = people[people["is_pupil"]]
    n = len(pupils)
    cohort = pupils["birth_year"].to_numpy() + (pupils["birth_month"].to_numpy() >= 9)  # calendar year in which the birth school year ends
    reception = cohort + 5  # spring of Reception, at age 4
    first = reception - (rng.random(n) < NURSERY)
    last = reception + 11 + np.where(rng.random(n) < STAYS_ON, rng.integers(1, 3, n), 0)
    first = np.where(rng.random(n) < LATE, reception + rng.integers(1, 10, n), first)
    last = np.where(rng.random(n) < LEAVES, np.minimum(last, reception + rng.integers(1, 11, n)), last)
    arrival = pupils["arrival"].to_numpy()
    arrived = np.asarray(arrival, dtype="datetime64[D]").astype("datetime64[Y]").astype(int) + 1971
    first = np.where(pupils["is_uasc"], arrived, first)
    last = np.maximum(last, first)
    return pd.DataFrame({"person": pupils["person"].to_numpy(), "first_census": first, "last_census": last, "start_year": first - 1})


def make_census(people: pd.DataFrame, enrolments: pd.DataFrame, streams: Streams) -> pd.DataFrame:
    """School census rows of the whole world, one per pupil and spring, as text.

    Returns:
        The columns of `columns.CENSUS`, with `_person`, `_year` (calendar year of the census) and `_birth` (day number) beside them.
    """
    pupils = people[people["is_pupil"]].reset_index(drop=True)
    first = enrolments["first_census"].to_numpy()
    years = np.maximum(enrolments["last_census"].to_numpy() - first + 1, 0)
    row = np.repeat(np.arange(len(pupils)), years)
    year = first[row] + pd.Series(row).groupby(row).cumcount().to_numpy()
    child = pupils.iloc[row].reset_index(drop=True)
    n = len(row)

    cohort = child["birth_year"].to_numpy() + (child["birth_month"].to_numpy() >= 9)
    # One pupil in two hundred is taught a year below.
    late = (streams.named("school.year_below").random(len(pupils)) < 0.005)[row]
    nc_year = year - cohort - 5 - late
    area, _ = at(people, child["person"].to_numpy(), day(year, 1, 20))
    school, joined = schools(area, nc_year, row, year, first[row], streams)

    poor = poverty(people, pupils, streams)
    fsm = poor[row] & (streams.named("school.fsm").random(n) < 0.75)
    so_far = np.concatenate([[0], np.cumsum(fsm)])
    here = np.arange(n)
    in_six_years = so_far[here + 1] > so_far[here - np.minimum(year - first[row], 5)]
    home, score = neighbourhoods(area, poor[row], row, streams)
    provision, sen_type = special_needs(row, year, nc_year, len(pupils), streams)
    language = choose(streams.named("school.language"), LANGUAGES, len(pupils))[row]
    name = np.array(SCHOOL_NAMES, dtype=object)[school % len(SCHOOL_NAMES)]

    census = pd.DataFrame({
        "pmr": child["pmr"],
        "moj_uid": "",
        "academic_year": [f"{y - 1}/{y}" for y in year],
        "la": area,
        "urn": (FIRST_URN + school).astype(str),
        "school_name": name,
        "sex": child["sex"],
        "birth_year": child["birth_year"].astype(str),
        "birth_month": child["birth_month"].astype(str),
        "ethnicity": child["ethnicity"],
        "language": language,
        "fsm": np.where(fsm, "1", "0"),
        "ever_fsm_6": in_six_years.astype(int).astype(str),
        "sen": provision,
        "sen_type": sen_type,
        "nc_year": np.select([nc_year < -1, nc_year == -1, nc_year == 0], ["N1", "N2", "R"], nc_year.astype(str)),
        "enrol_status": "C",
        "on_roll": "1",
        "entry_date": iso(day(joined - 1, 9, 1) + (joined - 1 + school) % 5),
        "leaving_date": "",
        "idaci": score,
        "lsoa": home,
        "record_status": "1",
        "_person": child["person"],
        "_year": year,
        "_birth": child["birth"],
    })
    kept = (census["_year"] >= FIRST_CENSUS) & (census["_year"] <= LAST_CENSUS)
    return census[kept].reset_index(drop=True)


def schools(area: np.ndarray, nc_year: np.ndarray, row: np.ndarray, year: np.ndarray, first: np.ndarray,
            streams: Streams) -> tuple[np.ndarray, np.ndarray]:
    """School number of each pupil-year, and the calendar year of the first census in that school."""
    order = {area.code: number for number, area in enumerate(AREAS)}
    place = np.array([order[code] for code in area], dtype=np.int64)
    secondary = nc_year >= 7
    n_pupils = int(row.max()) + 1 if len(row) else 0
    taste = streams.named("school.choice").random((n_pupils, 2))[row, secondary.astype(int)]
    changes = (streams.named("school.change").random(len(row)) < CHANGES_SCHOOL) & (year != first)
    so_far = pd.Series(changes.astype(int)).groupby(row).cumsum().to_numpy()
    size = np.where(secondary, SCHOOLS["secondary"], SCHOOLS["primary"])
    per_area = sum(SCHOOLS.values())
    school = place * per_area + np.where(secondary, SCHOOLS["primary"], 0) + ((taste * size).astype(np.int64) + so_far) % size
    table = pd.DataFrame({"row": row, "school": school, "year": year})
    is_new = table.groupby("row")["school"].diff().ne(0)
    joined = table["year"].where(is_new).groupby(table["row"]).ffill().to_numpy().astype(np.int64)
    return school, joined


def poverty(people: pd.DataFrame, pupils: pd.DataFrame, streams: Streams) -> np.ndarray:
    """True for pupils whose family is ever poor enough for free meals; likelier where the area is poorer."""
    level = {area.code: area.poverty for area in AREAS}
    mean = np.mean(list(level.values()))
    chance = EVER_POOR * pupils["area_1"].map(level).to_numpy(dtype=float) / mean
    return streams.named("school.poor").random(len(pupils)) < chance


def neighbourhoods(area: np.ndarray, poor: np.ndarray, row: np.ndarray, streams: Streams) -> tuple[np.ndarray, np.ndarray]:
    """Neighbourhood code and its income deprivation score (text, three decimals); poor families live in the poorer ones more often."""
    order = {a.code: number for number, a in enumerate(AREAS)}
    place = np.array([order[code] for code in area], dtype=np.int64)
    n_pupils = int(row.max()) + 1 if len(row) else 0
    taste = streams.named("school.home").random(n_pupils)[row]
    taste = np.where(poor, np.sqrt(taste), taste)
    number = (taste * NEIGHBOURHOODS).astype(np.int64)
    mean = np.array([a.poverty for a in AREAS])[place]
    score = mean * (0.3 + 1.4 * number / (NEIGHBOURHOODS - 1))
    code = np.char.add("E0109", np.char.zfill((place * NEIGHBOURHOODS + number).astype(str), 4)).astype(object)
    return code, np.char.mod("%.3f", score).astype(object)


def special_needs(row: np.ndarray, year: np.ndarray, nc_year: np.ndarray, n_pupils: int, streams: Streams) -> tuple[np.ndarray, np.ndarray]:
    """Provision code and type of need in the codes of the year: A, P, S to spring 2014, then K and E, statements fading out by 2018."""
    path = choose(streams.named("school.sen_path"), SEN_PATH, n_pupils)[row]
    from_year = streams.named("school.sen_from").integers(0, 9, n_pupils)[row]
    kind = choose(streams.named("school.sen_type"), SEN_TYPES, n_pupils)[row]
    plus = streams.named("school.sen_plus").random(len(row)) < 0.4
    old = year <= 2014
    statement = old | (year <= 2018) & (streams.named("school.statement").random(len(row)) < (2019 - year) / 5)
    on = nc_year >= from_year
    has_plan = (path == "plan") & (nc_year >= from_year + 2)
    support = np.where(old, np.where(plus, "P", "A"), "K")
    code = np.select([has_plan, on & (path != "none")], [np.where(statement, "S", "E"), support], "N").astype(object)
    kind = np.where((kind == "BESD") & ~old, "SEMH", kind)
    return code, np.where(np.isin(code, ["P", "S", "K", "E"]), kind, "").astype(object)
