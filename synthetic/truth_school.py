"""What a reader of a share could rightly conclude of each pupil's schooling if no fault had been planted.

Values come from the lives (sessions, meals, needs, exclusions, results); which school years and results a share holds comes from what was reported.
The words are those of the project's definitions; missing means that no year could tell.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .columns import LONG_YEARS, SLOTS
from .days import day, year_month
from .reporting_school import ABSENCE_FROM, EXCLUSIONS_FROM, KS2_SCORES_FROM, LAST_CENSUS, NC_NAMES, NOT_COLLECTED
from .school import ABSENCE_YEARS, FIRST_YEAR
from .tables import Rows
from .world import World

CENSUSES = ("census", "pru", "ap")
PHASES = np.select([np.arange(len(NC_NAMES)) < 2, np.arange(len(NC_NAMES)) < 5, np.arange(len(NC_NAMES)) < 9, np.arange(len(NC_NAMES)) < 14], [0, 1, 2, 3], 4)
SECONDARY = (7, 11)
TEXTS = ("sen_provision_ever", "ks4_setting")


def school_truth(world: World, tables: dict[str, Rows]) -> pd.DataFrame:
    """Schooling of every child of a chunk as one share shows it.

    Args:
        tables: of one share, before any fault.
    """
    n = len(world.people)
    made: dict[str, np.ndarray] = {}
    seen = in_censuses(tables).reset_index()
    made |= censuses(world, tables, seen, n)
    made |= absence(world, tables, seen, n)
    made |= exclusions(world, tables, seen, n)
    made |= results(world, tables, n)
    table = {}
    for name, values in made.items():
        if name.endswith("_date"):
            table[name] = pd.to_datetime(pd.Series(values)).to_numpy().astype("datetime64[s]")
        elif name in TEXTS:
            table[name] = np.array([text if isinstance(text, str) else "" for text in values], dtype=object)
        else:  # counts, and flags as 1 and 0; missing as no number
            table[name] = pd.to_numeric(pd.Series(values, dtype=object), errors="coerce").to_numpy(dtype=float)
    return pd.DataFrame(table, index=np.arange(n))


def in_censuses(tables: dict[str, Rows]) -> pd.DataFrame:
    """Every pupil and calendar year of any census, with year group number (missing where the census gives none), school and kind of census."""
    parts = []
    for place, name in enumerate(CENSUSES):
        rows = tables[name]
        if not len(rows):
            continue
        group = pd.Series(rows.columns["nc_year"].texts()).map({text: k for k, text in enumerate(NC_NAMES)}) if "nc_year" in rows.columns else np.nan
        parts.append(pd.DataFrame({
            "person": rows.hidden["_person"], "year": rows.hidden["_year"], "kind": place, "group": group,
            "urn": rows.columns["urn"].texts() if "urn" in rows.columns else None,
        }))
    seen = pd.concat(parts) if parts else pd.DataFrame({"person": [], "year": [], "kind": [], "group": [], "urn": []})
    seen = seen.sort_values(["person", "year", "kind"], kind="stable")
    first = seen.groupby(["person", "year"], sort=True)[["group", "urn"]].first()
    first["unit"] = (seen["kind"] == 1).groupby([seen["person"], seen["year"]]).any()
    first["provision"] = (seen["kind"] == 2).groupby([seen["person"], seen["year"]]).any()
    return first


def spread(n: int, of_person: pd.Series) -> np.ndarray:
    """One value for each child, missing for those without."""
    return of_person.reindex(np.arange(n)).to_numpy()


def censuses(world: World, tables: dict[str, Rows], seen: pd.DataFrame, n: int) -> dict[str, np.ndarray]:
    """Years, schools, moves, alternative provision, free meals and special needs."""
    school = world.school
    person, year = seen["person"].to_numpy(dtype=np.int64), seen["year"].to_numpy(dtype=np.int64)
    cohort = world.people["cohort"].to_numpy()
    column = np.clip(year - cohort[person] - FIRST_YEAR, 0, school.fsm.shape[1] - 1)
    frame = seen.assign(fsm=school.fsm[person, column], sen=school.sen[person, column], away=seen["unit"] | seen["provision"])
    by = frame.groupby("person")
    count = by["year"].count()
    placed = frame.dropna(subset=["urn", "group"])
    phase = pd.Series(PHASES[placed["group"].to_numpy(dtype=np.int64)], index=placed.index)
    before = placed.groupby("person")["urn"].shift()
    moved = (placed["urn"] != before) & before.notna() & (phase == phase.groupby(placed["person"]).shift())
    sen = by["sen"].max().map({0: "none", 1: "sen_support", 2: "ehcp"})
    return {
        "n_years_observed": spread(n, count),
        "n_years_missing": spread(n, by["year"].max() - by["year"].min() + 1 - count),
        "n_schools": spread(n, by["urn"].nunique()),
        "n_unexpected_moves": spread(n, moved.groupby(placed["person"]).sum().reindex(count.index, fill_value=0)),
        "ever_in_alternative_provision": spread(n, by["away"].any()),
        "n_alternative_provision_years": spread(n, by["away"].sum()),
        "ever_free_school_meals_seen": spread(n, by["fsm"].any()),
        "sen_provision_ever": spread(n, sen),
    }


def absence(world: World, tables: dict[str, Rows], seen: pd.DataFrame, n: int) -> dict[str, np.ndarray]:
    """Sessions of secondary school and persistent absence by each rule."""
    school, cohort = world.school, world.people["cohort"].to_numpy()
    rows = pd.DataFrame({"person": tables["absence"].hidden["_person"], "year": tables["absence"].hidden["_year"]}).drop_duplicates()
    rows = rows.merge(seen[["person", "year", "group"]], how="left", on=["person", "year"])
    person, year = rows["person"].to_numpy(dtype=np.int64), rows["year"].to_numpy(dtype=np.int64)
    column = year - cohort[person] - ABSENCE_YEARS[0]
    by_age = year - cohort[person] - 5
    group = np.where(rows["group"].notna(), rows["group"] - 2, by_age)  # place 2 in the names is reception, year 0
    sums = {kind: school.absence[kind][person, column].sum(axis=1).astype(np.int64) for kind in ("possible", "authorised", "unauthorised")}
    other = school.absence["other"][person, column].astype(np.int64)
    overall = sums["authorised"] + sums["unauthorised"]
    has = sums["possible"] > 0
    of_time = np.select([year <= 2010, year <= 2015], [20, 15], 10)
    rows = rows.assign(**sums, overall=overall, secondary=(group >= SECONDARY[0]) & (group <= SECONDARY[1]), has=has,
                       persistent=overall * 10 >= sums["possible"], of_time=overall * 100 >= of_time * sums["possible"], other=other * 10 >= sums["possible"])
    secondary = rows[rows["secondary"]].groupby("person")
    known = rows[rows["has"]].groupby("person")
    late = rows[rows["has"] & rows["persistent"]].sort_values("year").groupby("person")["year"].first()
    made = {f"n_secondary_{name}": spread(n, secondary[kind].sum()) for name, kind in (
        ("sessions_possible", "possible"), ("authorised_absence", "authorised"), ("unauthorised_absence", "unauthorised"), ("overall_absence", "overall"))}
    made |= {f"ever_persistently_absent{suffix}": spread(n, known[kind].any()) for suffix, kind in (
        ("", "persistent"), ("_rule_of_the_time", "of_time"), ("_unauthorised_other", "other"))}
    who, when = late.index.to_numpy(dtype=np.int64), late.to_numpy(dtype=np.int64)
    terms = school.absence["possible"][who, when - cohort[who] - ABSENCE_YEARS[0]]
    missed = sum(school.absence[kind][who, when - cohort[who] - ABSENCE_YEARS[0]] for kind in ("authorised", "unauthorised"))
    term = np.argmax((missed * 10 >= terms) & (terms > 0), axis=1) if len(who) else np.zeros(0, dtype=np.int64)
    start = np.select([term == 0, term == 1], [day(when - 1, 9), day(when, 1)], day(when, 4))
    made["first_persistent_absence_date"] = spread(n, pd.Series(start.astype("datetime64[D]").astype("datetime64[s]"), index=who))
    return made


def exclusions(world: World, tables: dict[str, Rows], seen: pd.DataFrame, n: int) -> dict[str, np.ndarray]:
    """Suspensions and permanent exclusions that were reported; 0 for pupils who were seen in a year that would have told."""
    reported = np.concatenate([tables[name].hidden["_year"] for name in ("exclusions", "exclusions_long")])
    kept = listed_exclusions(world)
    kept = kept[kept["year"] <= (reported.max() if len(reported) else 0)]
    fixed, permanent = kept[kept["category"] == "FIXD"], kept[kept["category"] == "PERM"]
    told = pd.concat([seen[["person", "year"]], pd.DataFrame({"person": tables["absence"].hidden["_person"], "year": tables["absence"].hidden["_year"]}),
                      kept[["person", "year"]]])
    told = told[told["year"].isin(np.unique(reported))]["person"].unique()

    def count(of: pd.Series) -> np.ndarray:
        return spread(n, of.reindex(told, fill_value=0))

    def first(of: pd.DataFrame) -> np.ndarray:
        days = of.groupby("person")["day"].min()
        return spread(n, pd.Series(days.to_numpy(dtype=np.int64).astype("datetime64[D]").astype("datetime64[s]"), index=days.index.astype(np.int64)))

    return {
        "n_suspensions": count(fixed.groupby("person")["day"].count()), "n_suspension_sessions_lost": count(fixed.groupby("person")["sessions"].sum()),
        "first_suspension_date": first(fixed), "n_permanent_exclusions": count(permanent.groupby("person")["day"].count()),
        "first_permanent_exclusion_date": first(permanent),
    }


def listed_exclusions(world: World) -> pd.DataFrame:
    """Exclusions of the years that are reported, with the year, but for those of a wide year that find no slot."""
    listed = world.school.exclusions
    year, month = year_month(listed["day"].to_numpy())
    kept = listed.assign(year=year + (month >= 9))
    kept = kept[kept["year"] >= EXCLUSIONS_FROM]
    place = kept.groupby(["person", "year"]).cumcount()
    return kept[(place < SLOTS) | kept["year"].isin(LONG_YEARS)]


def results(world: World, tables: dict[str, Rows], n: int) -> dict[str, np.ndarray]:
    """Key stage 2 and 4 results of those who have a row that counts nationally."""
    school = world.school
    ks2, ks4 = (tables[name].take(tables[name].hidden["_order"] == 0) for name in ("ks2", "ks4"))
    person, year = ks2.hidden["_person"], ks2.hidden["_year"]
    took = (year >= KS2_SCORES_FROM) | ks2.columns["maths"].filled()  # the boycott leaves no level
    made = {"ks2_academic_year_end": spread(n, pd.Series(year, index=person))}
    for subject in ("english", "maths"):
        reached = pd.Series(school.ks2[subject][person], index=person).astype(object).where(took) if len(person) else pd.Series(dtype=object)
        made[f"achieved_ks2_{subject}"] = spread(n, reached)
    person, year = ks4.hidden["_person"], ks4.hidden["_year"]
    made["ks4_academic_year_end"] = spread(n, pd.Series(year, index=person))
    made["ks4_setting"] = spread(n, ks4_settings(ks4).droplevel("year"))
    for name, key in (("level2_english_maths", "five_c"), ("five_good_passes_english_maths", "five_c"), ("five_passes_english_maths", "five_g"), ("any_pass", "any")):
        made[f"achieved_{name}"] = spread(n, pd.Series(school.ks4[key][person] if len(person) else [], index=person, dtype=object))
    ebacc = pd.Series(school.ks4["ebacc"][person] & school.ks4["five_c"][person] if len(person) else [], index=person, dtype=object)
    made["achieved_ebacc"] = spread(n, ebacc[year >= 2010])
    attained = pd.Series(np.where(school.ks4["any"][person], np.clip(np.round(46 + 17 * school.ks4["score"][person]), 0, 87), 0) if len(person) else [],
                         index=person, dtype=float)
    made["attainment_8_score"] = spread(n, attained[year >= 2015])
    return made


def school_years(world: World, tables: dict[str, Rows]) -> pd.DataFrame:
    """Every pupil and school year of any school table: where taught, with what needs, how absent, how often suspended.

    A share holds the years up to its last census; each of them is the same in every share that has it.

    Args:
        tables: everything that was reported, before any fault.

    Returns:
        Flags as 1 and 0, counts and flags without a number where no table could tell, texts empty where there is none.
    """
    school, cohort = world.school, world.people["cohort"].to_numpy()
    listed = listed_exclusions(world)
    listed = listed[(listed["year"] <= LAST_CENSUS) & listed["category"].isin(["FIXD", "PERM"])]
    rows = {name: pd.DataFrame({"person": tables[name].hidden["_person"], "year": tables[name].hidden["_year"]}) for name in (*CENSUSES, "absence", "ks2", "ks4")}
    rows["exclusions"] = listed[["person", "year"]]
    held = pd.concat([part.assign(**{name: 1}) for name, part in rows.items()])
    if not len(held):
        return pd.DataFrame()
    held = held.astype({"person": np.int64, "year": np.int64}).groupby(["person", "year"], sort=True)[list(rows)].max().reset_index()
    person, year = held["person"].to_numpy(), held["year"].to_numpy()
    held_in = {name: held[name].notna().to_numpy() for name in rows}
    in_census = held_in["census"] | held_in["pru"] | held_in["ap"]

    def beside(of: pd.DataFrame | pd.Series) -> pd.DataFrame:
        """Values of a table by person and year, in the order of these rows."""
        return held[["person", "year"]].merge(of.reset_index(), how="left", on=["person", "year"])

    seen, places = beside(in_censuses(tables)), beside(authorities(tables))
    by_age = year - cohort[person] - 5
    group = np.where(seen["group"].notna(), seen["group"] - 2, np.where((by_age >= -2) & (by_age <= 14), by_age, np.nan))
    setting = beside(ks4_settings(tables["ks4"]).rename("setting"))["setting"]

    life = np.clip(year - cohort[person] - FIRST_YEAR, 0, school.fsm.shape[1] - 1)
    level = np.where(in_census, school.sen[person, life], 0)
    need = np.asarray(school.sen_type, dtype=object)[person]  # a unit's census knows no change of it; that of schools does, from 2004
    need = np.where(held_in["census"] & (year - cohort[person] >= school.behaviour_from[person]), np.where(year <= 2014, "BESD", "SEMH"), need)
    typed = (level > 0) & (held_in["census"] & (year >= 2004) | held_in["pru"])

    term = np.clip(year - cohort[person] - ABSENCE_YEARS[0], 0, len(ABSENCE_YEARS) - 1)
    sums = {kind: np.where(held_in["absence"], school.absence[kind][person, term].sum(axis=1).astype(float), np.nan) for kind in ("possible", "authorised", "unauthorised")}
    other = np.where(held_in["absence"], school.absence["other"][person, term].astype(float), np.nan)
    overall, has = sums["authorised"] + sums["unauthorised"], sums["possible"] > 0

    def reaches(missed: np.ndarray, percent: np.ndarray | int) -> np.ndarray:
        return np.where(has, missed * 100 >= percent * sums["possible"], np.nan)

    told = (held_in["absence"] | in_census | held_in["exclusions"]) & (year >= EXCLUSIONS_FROM)
    fixed, permanent = (listed[listed["category"] == category].groupby(["person", "year"]) for category in ("FIXD", "PERM"))
    counts = {name: np.where(told, beside(of.rename("n"))["n"].fillna(0), np.nan) for name, of in (
        ("n_suspensions", fixed["day"].count()), ("n_suspension_sessions_lost", fixed["sessions"].sum()), ("n_permanent_exclusions", permanent["day"].count()))}
    return pd.DataFrame({
        "person": person, "academic_year_end": year, "national_curriculum_year": group,
        "schooling_status": np.select([held_in["census"], held_in["pru"], held_in["ap"], setting.eq("independent"), setting.eq("private_candidate")],
                                      ["state_school", "pupil_referral_unit", "alternative_provision", "independent_school", "private_candidate"],
                                      "not_in_any_census").astype(object),
        "is_in_school_census": held_in["census"], "is_in_pru_census": held_in["pru"], "is_in_ap_census": held_in["ap"],
        "is_in_ks2_results": held_in["ks2"], "is_in_ks4_results": held_in["ks4"],
        "school_urn": texts(seen["urn"]), "local_authority_code": texts(places["la"]), "home_local_authority_code": texts(places["home"]),
        "has_dual_registration": np.where(in_census, 0.0, np.nan), "is_free_school_meals_eligible": np.where(in_census, school.fsm[person, life], np.nan),
        "sen_provision": np.where(in_census, np.array(["none", "sen_support", "ehcp"], dtype=object)[level], ""), "sen_type_code": np.where(typed, need, ""),
        "absence_status": np.select([has, held_in["absence"], (year < ABSENCE_FROM) | (year == NOT_COLLECTED), (group < 1) | (group > 11)],
                                    ["sessions_recorded", "zero_possible_sessions", "year_not_delivered", "outside_age_range"], "no_absence_record").astype(object),
        "n_sessions_possible": sums["possible"], "n_authorised_absence": sums["authorised"], "n_unauthorised_absence": sums["unauthorised"],
        "n_unauthorised_other_absence": other, "n_overall_absence": overall, "is_persistently_absent": reaches(overall, 10),
        "is_persistently_absent_rule_of_the_time": reaches(overall, np.select([year <= 2010, year <= 2015], [20, 15], 10)),
        "is_persistently_absent_unauthorised_other": reaches(other, 10),
        "exclusion_status": np.select([held_in["exclusions"], year < EXCLUSIONS_FROM, told], ["recorded", "year_not_delivered", "none_recorded"],
                                      "not_in_any_census").astype(object),
    } | counts)


def texts(values: pd.Series) -> np.ndarray:
    """Texts with nothing where missing."""
    return np.array([text if isinstance(text, str) else "" for text in values], dtype=object)


def authorities(tables: dict[str, Rows]) -> pd.DataFrame:
    """Authority of the school, else of the unit, else of the provision, and of the home, of every pupil and calendar year of a census."""
    parts = [pd.DataFrame({
        "person": tables[name].hidden["_person"], "year": tables[name].hidden["_year"], "kind": place, "la": tables[name].columns["la"].texts(),
        "home": tables[name].columns["home_la"].texts() if "home_la" in tables[name].columns else None,
    }) for place, name in enumerate(CENSUSES)]
    return pd.concat(parts).sort_values(["person", "year", "kind"], kind="stable").groupby(["person", "year"])[["la", "home"]].first()


def ks4_settings(ks4: Rows) -> pd.Series:
    """What kind of establishment entered each pupil in each year: state, independent, or none (a private candidate)."""
    setting = np.select([ks4.columns["norflage"].equals("0"), ks4.columns["toe_code"].equals("11")], ["private_candidate", "independent"], "state")
    return pd.Series(setting.astype(object)).groupby([pd.Series(ks4.hidden["_person"], name="person"), pd.Series(ks4.hidden["_year"], name="year")]).min()
