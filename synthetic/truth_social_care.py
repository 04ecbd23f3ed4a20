"""What really happened in social care, in the words of the project's definitions: spells, moves, placements, days, levels and first dates.

Everything is worked out from the lives, and from which of their rows a share returns and can tie to a pupil; never from what a row says of itself.
`lived` stands for the whole life, whoever returned it; a share sees the part of it that its years cover, on rows whose local id has a PMR somewhere.

The tables: `care_spells` and `placements` (lived, and as the all-episodes share can see them), `social_care_pupils` (one row for each child who ever met social care) and
`social_care_years` (one row for each child and school year with social care, as the all-episodes share can see it).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .days import day, return_year, year_end, year_month
from .reporting import Returns, Share
from .reporting_social_care import placement_code
from .tables import Rows
from .world import World

LEVELS = np.array(["no_contact", "referral_only", "child_in_need", "child_protection_plan", "child_looked_after"], dtype=object)
# Kind of placement in a life to the group in which days are summed.
GROUPS = {"foster": "foster", "kin": "kinship_foster", "parents": "with_parents", "missing": "other", "temporary": "other", "Z1": "other", "K1": "secure",
          "R5": "custody", "K2": "residential", "R1": "residential", "R2": "residential", "R3": "residential", "S1": "residential", "A5": "adoption",
          "A6": "adoption", "H5": "independent", "P2": "independent", "P3": "independent"}
NEVER = 10**6


def reported_locals(rows: Rows) -> np.ndarray:
    """Local ids of which at least one row carries a PMR, so that a reader can tell whose they are."""
    return np.unique(rows.hidden["_local"][rows.columns["pmr"].filled()]) if len(rows) else np.zeros(0, dtype=np.int64)


def lived_episodes(world: World) -> pd.DataFrame:
    """Episodes of care other than short breaks."""
    care = world.care
    periods = care.periods.iloc[care.episodes["period"]]
    rows = care.episodes.reset_index(drop=True).assign(
        local=periods["area"].to_numpy(dtype=np.int64) * 10**10 + periods["local_id"].to_numpy(dtype=np.int64), kind=periods["kind"].to_numpy(),
        period_start=periods["start"].to_numpy(), care_start=care.episodes["start"].to_numpy())
    return rows[~rows["kind"].isin(["V1", "V3", "V4"])].sort_values(["person", "start"], kind="stable").reset_index(drop=True)


def seen_episodes(lived: pd.DataFrame, share: Share, cla: Rows) -> pd.DataFrame:
    """Those of which the share returns a row, as far as its last 31 March, of local ids that a PMR makes known.

    One that ran before the first return without having begun its period of care tells when that period began.
    """
    first, last = share.cla_years
    rows = lived[(return_year(lived["end"]) >= first) & (return_year(lived["start"]) <= last) & lived["local"].isin(reported_locals(cla))]
    ran_before = (rows["start"] <= year_end(first - 1)) & (rows["rne"] != "S")
    return rows.assign(end=np.minimum(rows["end"], year_end(last)), is_open=rows["end"] > year_end(last),
                       care_start=rows["care_start"].where(~ran_before, rows["period_start"])).reset_index(drop=True)


def in_spells(episodes: pd.DataFrame, last_year: int) -> pd.DataFrame:
    """Episodes with the number of their spell, and whether each began with a move to another placement."""
    rows = episodes.copy()
    reach = rows.groupby("person")["end"].cummax().groupby(rows["person"]).shift().fillna(-NEVER)
    new_spell = rows["care_start"] > reach
    rows["spell"] = new_spell.cumsum()
    rows["group"] = rows["placement"].map(GROUPS)
    # The code of the last return of the episode, and its form before the codes of 2015/16.
    code_year = np.minimum(return_year(rows["end"].to_numpy()), last_year)
    rows["code"] = placement_code(rows["placement"].to_numpy(dtype=object), rows["fine"].to_numpy(), code_year)
    rows["recoded"] = rows["code"].where(code_year >= 2016, "")
    settled = rows[rows["placement"] != "temporary"].copy()
    before = settled.groupby("spell")[["code", "recoded", "placement"]].shift()
    other = before["code"].notna() & (settled["code"] != before["code"])
    foster_renamed = settled["placement"].isin(["foster", "kin"]) & (settled["placement"] == before["placement"]) & (before["recoded"] == "") & (settled["recoded"] != "")
    other &= ~foster_renamed
    number = rows.groupby("spell").cumcount()[settled.index]
    after_temporary = number.groupby(settled["spell"]).diff() > 1
    first = ~settled["spell"].duplicated()
    says = settled["rne"].isin(["P", "B"])
    silent = settled["rne"] == "S"
    rows["move"] = False
    rows.loc[settled.index, "move"] = ~first & np.where(after_temporary | silent, other, says)
    return rows


def spell_table(rows: pd.DataFrame) -> pd.DataFrame:
    """One row for each spell."""
    return rows.groupby("spell", sort=False).agg(person=("person", "first"), start=("care_start", "min"), end=("end", "max"), n_episodes=("start", "size"),
                                                 n_moves=("move", "sum")).reset_index(drop=True).assign(
        days=lambda t: t["end"] - t["start"], n_placements=lambda t: t["n_moves"] + 1)


def stay_table(rows: pd.DataFrame) -> pd.DataFrame:
    """One row for each stay in one placement; temporary days belong to the placement that is kept."""
    rows = rows.assign(stay=rows.groupby("spell")["move"].cumsum() + 1, spell_start=rows.groupby("spell")["care_start"].transform("min"),
                       length=rows["end"] - rows["start"], settled=rows["placement"] != "temporary")
    firsts = rows.sort_values(["person", "start"], kind="stable").sort_values("settled", ascending=False, kind="stable").drop_duplicates(["spell", "stay"])
    stays = rows.groupby(["spell", "stay"], sort=False).agg(person=("person", "first"), spell_start=("spell_start", "first"), start=("start", "min"),
                                                            end=("end", "max"), days=("length", "sum")).reset_index()
    return stays.merge(firsts[["spell", "stay", "group"]], on=["spell", "stay"])


def united(rows: pd.DataFrame) -> pd.DataFrame:
    """Times of a child that overlap or touch, made one. Columns `person`, `start`, `end`."""
    rows = rows.sort_values(["person", "start", "end"], kind="stable")
    reach = rows.groupby("person")["end"].cummax().groupby(rows["person"]).shift().fillna(-NEVER)
    number = (rows["start"] > reach).cumsum()
    return rows.groupby(number).agg(person=("person", "first"), start=("start", "min"), end=("end", "max")).reset_index(drop=True)


def need_rows(world: World, cin: Rows) -> pd.DataFrame:
    """Returned rows of children in need that belong to a pupil and to childhood, with what was lived behind each.

    Returns:
        Columns `person`, `year`, `start` and `end` of the referral, `outcome`, `closure`, `plan_start`, `plan_end` (NaN without a plan), `named` and
        `previous` (whether a category of abuse and an earlier plan are given), `is_dated` (whether the plan's dates are), `last` (31 March),
        `adulthood`.
    """
    if not len(cin):
        names = ("person", "year", "start", "end", "outcome", "closure", "plan_start", "plan_end", "named", "previous", "is_dated", "last", "adulthood", "in_need")
        return pd.DataFrame(columns=list(names), dtype=float).astype({name: bool for name in ("named", "previous", "is_dated", "in_need")})
    order = cin.hidden["_order"]
    rows = pd.DataFrame({"person": cin.hidden["_person"], "year": cin.hidden["_year"], "start": order // 100_000, "plan_start": order % 100_000})
    rows["named"] = np.any([cin.columns[name].filled() for name in ("category", "category_first", "category_initial", "category_latest")], axis=0)
    rows["previous"] = cin.columns["previous_plans"].filled() & ~cin.columns["previous_plans"].equals("0")
    rows["mine"] = np.isin(cin.hidden["_local"], reported_locals(cin)) if "child_id" in cin.columns else cin.columns["pmr"].filled()
    rows["adulthood"] = world.people["adulthood"].to_numpy()[rows["person"]]
    rows["last"] = year_end(rows["year"].to_numpy())
    # a return after childhood tells of a referral that is dated in it
    is_told = ("referral_date" in cin.columns) & (rows["start"] < rows["adulthood"]) | (day(rows["year"].to_numpy() - 1, 4) < rows["adulthood"])
    rows = rows[rows["mine"] & is_told]
    rows = rows.merge(world.care.referrals[["person", "start", "end", "outcome", "closure"]], on=["person", "start"], how="left", validate="many_to_one")
    plans = world.care.plans[["person", "plan_start", "plan_end"]].drop_duplicates(["person", "plan_start"])
    rows = rows.merge(plans, on=["person", "plan_start"], how="left")
    rows["plan_start"] = rows["plan_start"].where(rows["plan_end"].notna())
    rows["is_dated"] = rows["plan_end"].notna() & (rows["year"] >= 2010) & ("plan_start" in cin.columns)
    return rows.assign(in_need=(rows["end"] > rows["last"]) & (rows["outcome"] != "nfa") & (rows["last"] < rows["adulthood"]))


def first_days(n: int, person: pd.Series, days: pd.Series) -> np.ndarray:
    """Earliest day of each child, far for those without one."""
    first = np.full(n, NEVER)
    np.minimum.at(first, person.to_numpy(dtype=np.int64), days.to_numpy(dtype=np.int64))
    return first


def per_child(n: int, person: pd.Series, values: pd.Series | None = None) -> np.ndarray:
    """Sum of the values of each child, or number of rows."""
    return np.bincount(person.to_numpy(dtype=np.int64), None if values is None else values.to_numpy(dtype=float), minlength=n).astype(np.int64)


def any_of(n: int, rows: pd.DataFrame, test: pd.Series | np.ndarray) -> np.ndarray:
    """Whether any row of each child passes."""
    return per_child(n, rows.loc[np.asarray(test, dtype=bool), "person"]) > 0


def ranked(*tests: np.ndarray) -> np.ndarray:
    """Name of the highest level of which the test holds; tests from the highest to the lowest."""
    return LEVELS[np.select(tests, [4, 3, 2, 1], 0)]


def seen_of_pupils(world: World, share: Share, tables: dict[str, Rows], episodes: pd.DataFrame, spells: pd.DataFrame, rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """What a reader of the all-episodes share could rightly conclude of each child."""
    n, cla = len(world.people), tables["cla"]
    stays = stay_table(episodes)
    plan_evidence = rows["named"] | rows["previous"] | rows["is_dated"]
    undated_day = np.minimum(rows["last"], rows["adulthood"] - 1)
    plan_day = pd.Series(np.where(rows["is_dated"], np.minimum(rows["plan_start"].fillna(NEVER), undated_day), undated_day), index=rows.index)
    need, plan = need_times(rows)
    respite = np.zeros(n, dtype=bool)
    if len(cla):
        mine = np.isin(cla.hidden["_local"], reported_locals(cla)) & cla.columns["legal_status"].equals("V1", "V3", "V4")
        respite[cla.hidden["_person"][mine]] = True
    in_care = per_child(n, spells["person"]) > 0
    marches = np.maximum(return_year(episodes["start"].to_numpy()), share.cla_years[0])  # the first 31 March that a return can tell of
    at_march = any_of(n, episodes, (episodes["end"] > year_end(marches)) | (episodes["is_open"] & (episodes["end"] == year_end(marches))))
    dated_in_march = rows["is_dated"] & (rows["plan_start"] <= rows["last"]) & (rows["plan_end"] > rows["last"])
    plan_at_march = any_of(n, rows, rows["in_need"] & (dated_in_march | (~rows["is_dated"] & rows["named"])))
    any_row = per_child(n, rows["person"]) > 0
    in_need, named, previous, dated = (any_of(n, rows, rows[name]) for name in ("in_need", "named", "previous", "is_dated"))
    latest = rows.sort_values("year").drop_duplicates(["person", "start"], keep="last")
    led_on = any_of(n, latest, (latest["outcome"] != "nfa") & ~((latest["closure"] == "RC8") & (latest["end"] <= latest["last"])))
    first_need = first_days(n, rows.loc[rows["in_need"], "person"], rows.loc[rows["in_need"], "start"])
    first_plan = first_days(n, rows.loc[plan_evidence, "person"], plan_day[plan_evidence])
    first_care = first_days(n, spells["person"], spells["start"])
    first_contact = np.minimum(first_days(n, rows["person"], rows["start"]), np.minimum(first_care, first_plan))
    made = {
        "n_care_spells": per_child(n, spells["person"]), "care_days": per_child(n, spells["person"], spells["days"]),
        "n_placement_moves": per_child(n, spells["person"], spells["n_moves"]), "n_placements": per_child(n, spells["person"], spells["n_placements"]),
        "need_days": per_child(n, need["person"], need["end"] - need["start"]), "plan_days": per_child(n, plan["person"], plan["end"] - plan["start"]),
        "n_child_protection_plans": per_child(n, rows[rows["is_dated"]].drop_duplicates(["person", "plan_start"])["person"]),
        "n_referrals": per_child(n, latest["person"]),
        "first_contact_date": first_contact, "first_child_in_need_date": first_need, "first_child_protection_plan_date": first_plan, "first_care_date": first_care,
        "level_of_data_explained": ranked(in_care | respite, named | previous, in_need, any_row),
        "level_of_dfe": ranked(at_march, plan_at_march, in_need, any_row),
        "level_of_echild": ranked(in_care, named | dated, led_on, any_row),
    }
    for group in sorted(set(GROUPS.values())):
        made[f"care_days_{group}"] = per_child(n, stays.loc[stays["group"] == group, "person"], stays.loc[stays["group"] == group, "days"])
    return made


def need_times(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Times in need (referrals that were in need on a 31 March) and on dated plans, as far as returns tell, united."""
    of_referral = rows.groupby(["person", "start"]).agg(end=("end", "first"), last=("last", "max"), adulthood=("adulthood", "first"), in_need=("in_need", "max")).reset_index()
    of_referral["end"] = of_referral[["end", "last", "adulthood"]].min(axis=1)
    dated = rows[rows["is_dated"]].groupby(["person", "plan_start"]).agg(end=("plan_end", "first"), last=("last", "max"), adulthood=("adulthood", "first")).reset_index()
    dated["end"] = dated[["end", "last", "adulthood"]].min(axis=1).astype(np.int64)
    need = of_referral.loc[of_referral["in_need"].astype(bool), ["person", "start", "end"]]
    plan = dated.rename(columns={"plan_start": "start"})[["person", "start", "end"]]
    return united(need.astype(np.int64)), united(plan.astype(np.int64))


def school_year(days: np.ndarray) -> np.ndarray:
    """Calendar year in which the school year (1 September to 31 August) of each day ends."""
    year, month = year_month(days)
    return year + (month >= 9)


def by_school_year(rows: pd.DataFrame, spells: pd.DataFrame) -> pd.DataFrame:
    """One row for each child and school year with social care: level, days in care, on plans and in need."""
    need, plan = need_times(rows)
    referrals = rows.groupby(["person", "start"]).agg(end=("end", "first"), last=("last", "max"), adulthood=("adulthood", "first")).reset_index()
    referrals["end"] = referrals[["end", "last", "adulthood"]].min(axis=1)
    parts = []
    for level, times in ((4, spells), (3, plan), (2, need), (1, referrals)):
        start, end = times["start"].to_numpy(dtype=np.int64), times["end"].to_numpy(dtype=np.int64)
        last_day = np.maximum(start, end - 1)  # the last day that counts, or the day of a time that began and ended on it
        first_year, n_years = school_year(start), school_year(last_day) - school_year(start) + 1
        row = np.repeat(np.arange(len(times)), n_years)
        year = first_year[row] + np.arange(len(row)) - np.repeat(np.cumsum(n_years) - n_years, n_years)
        days = np.minimum(end[row], day(year, 9)) - np.maximum(start[row], day(year - 1, 9))
        parts.append(pd.DataFrame({"person": times["person"].to_numpy(dtype=np.int64)[row], "academic_year_end": year, "level": level, "days": np.maximum(days, 0)}))
    march = np.minimum(rows["last"], rows["adulthood"] - 1).to_numpy(dtype=np.int64)
    undated = ~rows["is_dated"] & (rows["named"] | rows["previous"])
    for level, test in ((3, undated), (2, rows["in_need"])):
        test = test.to_numpy(dtype=bool)
        parts.append(pd.DataFrame({"person": rows["person"].to_numpy(dtype=np.int64)[test], "academic_year_end": school_year(march[test]), "level": level, "days": 0}))
    facts = pd.concat(parts)
    for level, name in ((4, "days_in_care"), (3, "days_on_plan"), (2, "days_in_need")):
        facts[name] = facts["days"].where(facts["level"] == level, 0)
    table = facts.groupby(["person", "academic_year_end"]).agg(level=("level", "max"), days_in_care=("days_in_care", "sum"), days_on_plan=("days_on_plan", "sum"),
                                                               days_in_need=("days_in_need", "sum")).reset_index()
    return table.assign(level=LEVELS[table["level"].to_numpy(dtype=np.int64)])


def social_care_tables(world: World, returns: Returns, shares: dict[str, tuple[Share, dict[str, Rows]]]) -> dict[str, pd.DataFrame]:
    """The tables of this module, by name.

    Args:
        shares: by folder, each share and its tables before any fault.
    """
    n, number = len(world.people), world.people["person"].to_numpy()

    def base(rows: pd.DataFrame) -> dict[str, np.ndarray]:
        person = rows["person"].to_numpy(dtype=np.int64)
        return {"person": number[person], "pupil_id": returns.pmr[person]}

    def dated(days: np.ndarray | pd.Series) -> np.ndarray:
        days = np.asarray(days, dtype=np.int64)
        return np.where(days < NEVER, days.astype("datetime64[D]"), np.datetime64("NaT")).astype("datetime64[D]")

    lived = lived_episodes(world)
    views = {"lived": in_spells(lived.assign(is_open=False), 2021)}
    pupils: dict[str, np.ndarray] = {"person": number, "pupil_id": returns.pmr}
    spells, stays, years = [], [], pd.DataFrame()
    for folder, (share, tables) in shares.items():
        rows = need_rows(world, tables["cin"])
        if share.name == "all-episodes":
            episodes = views[folder] = in_spells(seen_episodes(lived, share, tables["cla"]), share.cla_years[1])
            table = spell_table(episodes)
            seen = seen_of_pupils(world, share, tables, episodes, table, rows)
            pupils |= {f"{folder}_{name}": dated(values) if name.endswith("_date") else values for name, values in seen.items()}
            years = by_school_year(rows, table)
        # Whether every true spell of the child is on rows that a reader of the share can tie to the pupil.
        hidden = lived[~lived["local"].isin(reported_locals(tables["cla"]))]
        pupils[f"{folder}_has_hidden_care"] = per_child(n, hidden["person"]) > 0
    for view, episodes in views.items():
        table, places = spell_table(episodes), stay_table(episodes)
        transferred = episodes.groupby("spell", sort=False)["local"].nunique().to_numpy() > 1
        spells.append(pd.DataFrame({"view": view} | base(table) | {
            "start": dated(table["start"]), "end": dated(table["end"]), "days": table["days"].to_numpy(), "n_episodes": table["n_episodes"].to_numpy(),
            "n_placements": table["n_placements"].to_numpy(), "n_moves": table["n_moves"].to_numpy(), "is_transferred": transferred}))
        stays.append(pd.DataFrame({"view": view} | base(places) | {
            "spell_start": dated(places["spell_start"]), "stay_number": places["stay"].to_numpy(), "start": dated(places["start"]), "end": dated(places["end"]),
            "days": places["days"].to_numpy(), "placement_group": places["group"].to_numpy(dtype=object)}))
    first_care = first_days(n, lived["person"], lived["start"])
    pupils |= {"lived_n_care_spells": per_child(n, spell_table(views["lived"])["person"]),
               "lived_care_days": per_child(n, spell_table(views["lived"])["person"], spell_table(views["lived"])["days"]),
               "lived_n_placements": per_child(n, spell_table(views["lived"])["person"], spell_table(views["lived"])["n_placements"]),
               "lived_first_care_date": dated(first_care),
               "lived_first_child_in_need_date": dated(first_days(n, *in_need_of(world))),
               "lived_first_child_protection_plan_date": dated(first_days(n, world.care.plans["person"], world.care.plans["plan_start"])),
               "lived_level": lived_level(world, lived)}
    met = np.zeros(n, dtype=bool)
    for rows in (world.care.episodes, world.care.referrals):
        met[rows["person"].to_numpy(dtype=np.int64)] = True
    if len(years):
        years = pd.DataFrame(base(years) | {name: years[name].to_numpy() for name in years.columns if name != "person"})
    return {"care_spells": pd.concat(spells), "placements": pd.concat(stays), "social_care_pupils": pd.DataFrame(pupils)[met], "social_care_years": years}


def in_need_of(world: World) -> tuple[pd.Series, pd.Series]:
    """Child and day of each referral that was one of a child in need on a 31 March, whoever returned it."""
    referrals = world.care.referrals
    march = year_end(return_year(referrals["start"].to_numpy()))
    adulthood = world.people["adulthood"].to_numpy()[referrals["person"]]
    rows = referrals[(referrals["outcome"] != "nfa") & (referrals["end"] > march) & (march < adulthood)]
    return rows["person"], rows["start"]


def lived_level(world: World, lived: pd.DataFrame) -> np.ndarray:
    """Highest level that each child really reached, in any year: care, a plan, need on a 31 March, a referral, none."""
    n = len(world.people)
    return ranked(per_child(n, lived["person"]) > 0, per_child(n, world.care.plans["person"]) > 0, per_child(n, in_need_of(world)[0]) > 0,
                  per_child(n, world.care.referrals["person"]) > 0)
