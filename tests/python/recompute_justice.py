"""Independent recomputation of `sanctions`, `justice_outcomes` and the orders of `care_and_offending_order`.

Written from the definitions in plain Python and pandas, from the raw files of the justice tables; it shares no code with the dbt project. The birth month of
each pupil is taken as given, since another test recomputes it; the first days of social care and of school events come from the recomputations of those.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
from recompute import read_lines

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
FILES = {
    "pnc": "pnc_", "magistrates": "magistrates_", "crown": "crown_", "custody": "prison_", "link": "moj_dfe_link",
    "cla": "cla_", "cin": "cin_", "census": ("spring_census_", "spring_plasc_"),
}  # fmt: skip
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
UNKNOWN = (date(1800, 1, 1), date(1900, 1, 1))
RANK = {"caution": 1, "non_custodial": 2, "custodial": 3}
NAME = {rank: name for name, rank in RANK.items()} | {0: "none"}


def seed(path: str) -> list[dict[str, str]]:
    with open(SEEDS / path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_day(text: str) -> date | None:
    """A date in any of the four forms; None for anything else and for the two days that mean unknown."""
    text = text.strip()
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d( .*)?", text):
            day = date.fromisoformat(text[:10])
        elif found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})( .*)?", text):
            day = date(int(found[3]), int(found[2]), int(found[1]))
        elif found := re.fullmatch(r"(\d\d)([A-Za-z]{3})(\d{4})", text):
            day = date(int(found[3]), MONTHS.index(found[2].upper()) + 1, int(found[1]))
        else:
            return None
    except ValueError:
        return None
    return None if day in UNKNOWN else day


def table(extract: Path, name: str) -> list[dict[str, str]]:
    """Rows of a table: names in lower case without signs, year suffixes and prefixes; values trimmed. Broken lines are left out."""
    rows = []
    for path in sorted(extract.iterdir()):
        if path.name.lower().startswith(FILES[name]):
            header, lines = read_lines(path)
            names = [re.sub(r"^(cla|cin)+", "", re.sub(r"spr\d\d$", "", re.sub(r"[^a-z0-9]", "", column.lower()))) for column in header]
            rows += [dict(zip(names, (value.strip() for value in line))) for line in lines if len(line) == len(names)]
    return rows


def drawn_down(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows, with the pupil filled in where the other rows of a local child id and its authority name one and no more; the census has no such id."""
    named: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        authority = row.get("childlacodeanon") or row.get("la", "")
        row["local"] = authority.upper().removesuffix(".0"), row.get("childidanon") or row.get("lachildidanon", "")
        if all(row["local"]) and row.get("pupilmatchingrefanonymous"):
            named[row["local"]].add(row["pupilmatchingrefanonymous"])
    for row in rows:
        if not row.get("pupilmatchingrefanonymous") and len(named[row["local"]]) == 1:
            (row["pupilmatchingrefanonymous"],) = named[row["local"]]
    return rows


def people(extract: Path, pnc: list[dict[str, str]]) -> tuple[dict[str, str], dict[str, set[str]]]:
    """The pupil of each MoJUID, and the best candidates of each MoJUID that has more than one.

    Definition: a pair in the link file goes first, then the pair that more of three kinds of table have; level pairs are ambiguous. A row of
    CLA or CIN without a pupil stands for the only one that the other rows of its local child id in the same return name.
    """
    kinds: dict[tuple[str, str], set[str]] = defaultdict(set)
    for kind, rows in (("link", table(extract, "link")), ("pnc", pnc), *(("school", drawn_down(table(extract, name))) for name in ("cla", "cin", "census"))):
        for row in rows:
            uid, pupil = row.get("mojuid", ""), row.get("pupilmatchingrefanonymous", "")
            if uid and pupil:
                kinds[uid, pupil].add(kind)
    by_uid: dict[str, list[tuple[tuple[bool, int], str]]] = defaultdict(list)
    for (uid, pupil), found in kinds.items():
        by_uid[uid].append((("link" in found, len(found)), pupil))
    settled, level = {}, {}
    for uid, candidates in by_uid.items():
        best = max(score for score, _ in candidates)
        pupils = {pupil for score, pupil in candidates if score == best}
        if len(pupils) == 1:
            settled[uid] = pupils.pop()
        else:
            level[uid] = pupils
    return settled, level


def unsure_pupils(extract: Path, level: dict[str, set[str]]) -> set[str]:
    """Pupils to whom the records of an ambiguous person key may belong."""
    recorded = {row["mojuid"] for name in ("pnc", "magistrates", "crown", "custody") for row in table(extract, name)}
    return {pupil for uid, pupils in level.items() if uid in recorded for pupil in pupils}


def age(birth: date | None, day: date | None) -> int | None:
    """Completed years."""
    if birth is None or day is None:
        return None
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def birthday(birth: date, years: int) -> date:
    return date(birth.year + years, birth.month, birth.day)


def offences(pnc: list[dict[str, str]], pupil_of: dict[str, str], births: dict[str, date | None]) -> list[dict]:
    """Sanctioned offences of linked pupils.

    Definition: England and Wales, a caution or a sentence, aged 10 or more; the offence date, else the sentence date; an impossible or missing
    sentence date is the earliest possible one of the record's other sanctions, a record being a pupil's rows of one number; one offence and day counts
    once on an occasion, with its most severe disposal, of equal ones the first by name, unmapped last.
    """
    by_text = {row["label"]: row["code_group"] for row in seed("lookups/pnc_disposal.csv")}
    by_code = {row["code"]: row["code_group"] for row in seed("lookups/pnc_disposal.csv") if row["code"]}
    kinds = {row["label"]: row["disposal_kind"] for row in seed("lookups/pnc_disposal.csv")}
    kinds_by_code = {row["code"]: row["disposal_kind"] for row in seed("lookups/pnc_disposal.csv") if row["code"]}
    abroad = {row["code"] for row in seed("lookups/pnc_country.csv") if row["is_england_wales"] == "false"}
    serious = {row["code"] for row in seed("lookups/serious_violence_offence.csv")}
    groups = {row["code"]: row["code_group"] for row in seed("lookups/ho_offence.csv")}

    lent: dict[tuple[str, str], set[date]] = defaultdict(set)
    for row in pnc:
        row["offence_day"], row["sentence_day"] = read_day(row["offencedate"]), read_day(row["sentencedate"])
        row["is_reversed"] = bool(row["offence_day"] and row["sentence_day"] and row["sentence_day"] < row["offence_day"])
        flag = row["conviction"].lower() in ("1", "1.0", "true", "y", "yes", "t")
        row["sentence"] = by_text.get(row["disposaltext"].upper()) or by_code.get(row["disposalcode"].upper()) or ("non_custodial" if flag else "caution")
        row["record"] = pupil_of.get(row["mojuid"], row["mojuid"]), row["recno"]
        if row["is_reversed"]:
            row["sentence_day"] = None
        if row["sentence_day"] and row["recno"] and row["sentence"] in RANK and row["country"].upper() not in abroad:
            lent[row["record"]].add(row["sentence_day"])
    def place(offence: dict) -> tuple[int, bool, str]:
        return -offence["rank"], offence["kind"] == "unmapped", offence["kind"]

    kept: dict[tuple, dict] = {}
    for row in pnc:
        pupil = pupil_of.get(row["mojuid"])
        group = row["sentence"]
        sanction = row["sentence_day"] or min((day for day in lent[row["record"]] if day >= (row["offence_day"] or day)), default=None)
        day = row["offence_day"] or sanction
        years = age(births.get(pupil), day)
        if years is None and row["offenceage"]:
            years = int(float(row["offenceage"]))
        if not pupil or row["country"].upper() in abroad or group not in RANK or day is None or (years is not None and years < 10):
            continue
        text = row["offence"].upper()
        code = text.split(" ")[0].zfill(5) if text.split(" ")[0].isdigit() else ""
        occasion = str(sanction) if sanction else f"record {row['recno']}"
        offence = {
            "pupil_id": pupil, "is_conviction": group != "caution", "occasion": occasion, "sanction_date": sanction, "offence_date": day, "text": text,
            "code": code, "rank": RANK[group], "serious": code in serious, "group": groups.get(code) or groups.get(code[:3]) or "unmapped",
            "age": years, "from_sentence": row["offence_day"] is None, "is_reversed": row["is_reversed"],
            "kind": kinds.get(row["disposaltext"].upper()) or kinds_by_code.get(row["disposalcode"].upper()) or "unmapped",
        }  # fmt: skip
        key = pupil, offence["is_conviction"], occasion, text, day
        if key not in kept or place(offence) < place(kept[key]):
            kept[key] = offence
    return list(kept.values())


def ages_of_first_day(acts: list[dict]) -> list[int]:
    """Known ages at the offences of the first day; those at later ones say nothing of it."""
    first = min((o["offence_date"] for o in acts), default=None)
    return [o["age"] for o in acts if o["offence_date"] == first and o["age"] is not None]


def sanctions(found: list[dict]) -> list[dict]:
    """One row for each pupil, day of sanction and caution or conviction."""
    order = {row["offence_group"]: int(row["rank"]) for row in seed("rules/offence_groups.csv")}
    occasions: dict[tuple, list[dict]] = defaultdict(list)
    for offence in found:
        occasions[offence["pupil_id"], offence["is_conviction"], offence["occasion"]].append(offence)
    rows = []
    for (pupil, conviction, _), members in occasions.items():
        main = min(members, key=lambda o: (-o["rank"], not o["serious"], order.get(o["group"], 99), o["offence_date"], o["code"], o["text"]))
        ages = ages_of_first_day(members)
        rows.append({
            "pupil_id": pupil, "is_conviction": conviction, "sanction_date": main["sanction_date"], "offence_date": min(o["offence_date"] for o in members),
            "severity": NAME[main["rank"]], "main_offence_code": main["code"] or None, "main_offence_group": main["group"], "n_offences": len(members),
            "n_serious_violence_offences": sum(o["serious"] for o in members), "age_at_offence": min(ages) if ages else None,
            "is_youth": min(ages) < 18 if ages else None, "main_offence_text": main["text"] or None, "sanction_kind": main["kind"], "severity_rank": main["rank"],
            "is_offence_date_from_sentence": min((o["offence_date"], o["from_sentence"]) for o in members)[1],
            "is_sentence_before_offence": any(o["is_reversed"] for o in members), "is_serious_violence": any(o["serious"] for o in members),
            "serious_violence_date": min((o["offence_date"] for o in members if o["serious"]), default=None),
        })  # fmt: skip
    rows.sort(key=lambda row: (row["pupil_id"], row["offence_date"], row["sanction_date"] or date.max))
    for place, row in enumerate(rows):
        row["sanction_number"] = rows[place - 1]["sanction_number"] + 1 if place and rows[place - 1]["pupil_id"] == row["pupil_id"] else 1
    return rows


def last_day(pnc: list[dict[str, str]]) -> date:
    """The latest sentence date in a calendar year with at least a hundredth of the rows of the busiest year; copies of a row count."""
    days = [day for row in pnc if (day := read_day(row["sentencedate"]))]
    per_year = pd.Series([day.year for day in days]).value_counts()
    good = set(per_year[per_year >= 0.01 * per_year.max()].index)
    return max(day for day in days if day.year in good)


def held(rows: list[dict[str, str]], pupil_of: dict[str, str], end: date) -> dict[str, tuple[list[tuple[date, str]], set[date], int]]:
    """Day and kind of each reception of a pupil, in order; every night in custody; and the number of receptions whose release cannot be read.

    Definition: an open spell runs to the next reception, else to the end of the data; one whose release cannot be read has no known nights.
    """
    types = {row["code"]: row["code_group"] for row in seed("lookups/custody_reception_type.csv")}
    releases: dict[str, dict[tuple[date, str], list]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        pupil, start, stop = pupil_of.get(row["mojuid"]), read_day(row["receptiondate"]), read_day(row["releasedate"])
        if pupil and start and not (stop and stop < start):
            releases[pupil][start, types.get(row["receptiontype"].upper(), "unmapped")].append(stop or ("open" if not row["releasedate"] else "unreadable"))
    made = {}
    for pupil, receptions in releases.items():
        nights: set[date] = set()
        n_unreadable = 0
        starts = sorted(receptions)
        for place, (start, kind) in enumerate(starts):
            stops = receptions[start, kind]
            dated = [stop for stop in stops if isinstance(stop, date)]
            if dated:
                stop = max(dated)
            elif "open" in stops:
                stop = starts[place + 1][0] if place + 1 < len(starts) else max(end, start)
            else:
                stop = start
                n_unreadable += 1
            nights |= {start + timedelta(n) for n in range((stop - start).days)}
        made[pupil] = starts, nights, n_unreadable
    return made


def custody(rows: list[dict[str, str]], pupil_of: dict[str, str], births: dict[str, date | None], end: date) -> dict[str, dict]:
    """Receptions by type and nights, night by night, before and from the 18th birthday."""
    made = {}
    for pupil, (starts, nights, n_unreadable) in held(rows, pupil_of, end).items():
        kinds = [kind for _, kind in starts]
        adult = birthday(births[pupil], 18) if births.get(pupil) else None
        young = None if adult is None else sum(night < adult for night in nights)
        made[pupil] = {
            "first_reception_date": starts[0][0], "n_receptions_of_unknown_end": n_unreadable, "n_receptions": len(kinds), **{f"n_receptions_{kind}": kinds.count(kind) for kind in ("remand", "sentence", "recall")},
            "custody_nights_before_18": young, "custody_nights_from_18": None if young is None else len(nights) - young,
        }  # fmt: skip
    return made


def outcomes(extract: Path, births: dict[str, date | None]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The marts `justice_outcomes` (every pupil of `births`) and `sanctions`."""
    pnc = table(extract, "pnc")
    pupil_of, level = people(extract, pnc)
    end = last_day(pnc)
    found = offences(pnc, pupil_of, births)
    sanctioned = sanctions(found)
    spells_of = custody(table(extract, "custody"), pupil_of, births, end)
    in_court = {name: {pupil_of.get(row["mojuid"]) for row in table(extract, name)} for name in ("magistrates", "crown")}
    unsure = unsure_pupils(extract, level)
    linked = set(pupil_of.values())
    by_pupil: dict[str, list[dict]] = defaultdict(list)
    for sanction in sanctioned:
        by_pupil[sanction["pupil_id"]].append(sanction)
    offences_of: dict[str, list[dict]] = defaultdict(list)
    for offence in found:
        offences_of[offence["pupil_id"]].append(offence)
    groups = [row["offence_group"] for row in seed("rules/offence_groups.csv")] + ["unmapped"]
    rows = []
    for pupil, birth in births.items():
        mine, acts, spells = by_pupil.get(pupil, []), offences_of.get(pupil, []), spells_of.get(pupil)
        youth = [row for row in mine if row["is_youth"]]
        convictions = [row for row in mine if row["is_conviction"]]
        first_sanction = min((row["sanction_date"] for row in mine if row["sanction_date"]), default=None)
        # of two offences on the first day, one that has a day of its own goes before one dated by its sentence
        _, is_from_sentence = min(((o["offence_date"], o["from_sentence"]) for o in acts), default=(None, None))
        violent, is_violent_from_sentence = min(((o["offence_date"], o["from_sentence"]) for o in acts if o["serious"]), default=(None, None))
        start = max(birthday(birth, 10), date(2000, 1, 1)) if birth else None
        rows.append({
            "pupil_id": pupil, "is_linked_to_justice": pupil in linked, "has_ambiguous_link": pupil in unsure,
            "convictions": ("none", "one", "two_or_more")[min(len(convictions), 2)], "n_sanctions": len(mine), "n_cautions": len(mine) - len(convictions),
            "n_convictions": len(convictions), "n_offences": len(acts), "n_youth_sanctions": len(youth), "n_youth_convictions": sum(row["is_conviction"] for row in youth),
            "n_sanctions_of_unknown_age": sum(row["age_at_offence"] is None for row in mine),
            "most_severe_disposal": NAME[max((row["severity_rank"] for row in mine), default=0)],
            "most_severe_disposal_as_youth": NAME[max((o["rank"] for o in acts if o["age"] is not None and o["age"] < 18), default=0)], "is_prolific": len(youth) >= 4,
            "first_offence_date": min((row["offence_date"] for row in mine), default=None), "is_first_offence_date_from_sentence": is_from_sentence,
            "first_offence_age": min(ages_of_first_day(acts), default=None),
            "first_sanction_date": first_sanction, "first_sanction_age": age(birth, first_sanction),
            "first_conviction_date": min((row["sanction_date"] for row in convictions if row["sanction_date"]), default=None),
            "ever_serious_violence": violent is not None, "n_serious_violence_offences": sum(o["serious"] for o in acts),
            "first_serious_violence_date": violent, "is_first_serious_violence_date_from_sentence": is_violent_from_sentence,
            "first_serious_violence_age": age(birth, violent),
            **{f"n_offences_{group}": sum(o["group"] == group for o in acts) for group in groups},
            "ever_magistrates_court": pupil in in_court["magistrates"], "ever_crown_court": pupil in in_court["crown"],
            "ever_remanded": bool(spells and spells["n_receptions_remand"]),
            **(spells or dict.fromkeys(("n_receptions", "n_receptions_remand", "n_receptions_sentence", "n_receptions_recall",
                                        "custody_nights_before_18", "custody_nights_from_18", "n_receptions_of_unknown_end"), 0) | {"first_reception_date": None}),
            "follow_up_start_date": start if start and start <= end else None, "follow_up_end_date": end if start and start <= end else None,
            "follow_up_years": None if start is None else round((end - start).days / 365.25, 2) if start <= end else 0.0,
            "is_followed_to_18": None if birth is None else birthday(birth, 10) >= date(2000, 1, 1) and end >= birthday(birth, 18),
        })  # fmt: skip
    return pd.DataFrame(rows, dtype=object), pd.DataFrame(sanctioned)


def order(event: date, outcome: date) -> str:
    """Which of two days came first, and whether by a year or more."""
    def year_later(day: date) -> date:
        return date(day.year + 1, day.month, 28 if (day.month, day.day) == (2, 29) else day.day)

    if event == outcome:
        return "same_day"
    if event < outcome:
        return "event_one_year_or_more_before" if year_later(event) <= outcome else "event_within_one_year_before"
    return "offence_one_year_or_more_before" if year_later(outcome) <= event else "offence_within_one_year_before"


def days_it_may_be(day: date, precision: str) -> tuple[date, date]:
    """First and last day on which an event at school may lie. Definition: a term (of four months) or school year is known by its first day."""
    if precision == "term":
        return day, date(day.year + (day.month + 4) // 13, (day.month + 3) % 12 + 1, 1) - timedelta(1)
    if precision == "school_year":
        return day, date(day.year + (day.month >= 9), 8, 31)
    return day, day


def order_of(edges: tuple[date, date] | None, outcome: date | None, word: str) -> str:
    """The order of an event and an outcome. Definition: where the first and the last day that it may be give two orders it is undetermined."""
    if edges is None or outcome is None:
        return f"{word}_only" if edges else "offence_only" if outcome else "neither"
    found = {order(edge, outcome).replace("event", word) for edge in edges}
    return found.pop() if len(found) == 1 else "undetermined"


def orders(outcomes: dict, levels: dict[str, tuple[date, str, date]], school: dict[str, tuple[date, str] | None], is_known_to_education: bool) -> dict:
    """The row of one pupil in `care_and_offending_order`.

    Definition: the first contact lies between the first day on which any level can have begun and the first on which one is known. Whether
    there was contact is not known of a pupil whom neither education nor social care holds; nor is an order with an event at school where
    no school year could tell of the event.

    Args:
        outcomes: the row of `justice_outcomes`.
        levels, school: the first day of each level and of each event at school, with its precision, and of a level the first day on which
            it can have begun; of an event at school None where there was none, and nothing where no year could tell.
    """
    offence, violence = outcomes["first_offence_date"], outcomes["first_serious_violence_date"]
    made = {
        "first_offence_date": offence, "first_serious_violence_date": violence,
        "first_offence_date_precision": offence and ("sentence" if outcomes["is_first_offence_date_from_sentence"] else "day"),
        "first_serious_violence_date_precision": violence and ("sentence" if outcomes["is_first_serious_violence_date_from_sentence"] else "day"),
    }  # fmt: skip
    windows = {level: (first, shown) for level, (shown, _, first) in levels.items()}
    precisions = {level: precision for level, (_, precision, _) in levels.items()}
    if levels:
        windows["contact"] = min(first for first, _ in windows.values()), min(last for _, last in windows.values())
        is_told = windows["contact"][0] == windows["contact"][1]
        precisions["contact"] = "no_later_than" if "no_later_than" in precisions.values() else "day" if is_told else "return_year"
    for level in ("contact", "child_in_need", "child_protection_plan", "child_looked_after"):
        edges = windows.get(level)
        shown = edges and edges[1]
        made |= {
            f"first_{level}_date": shown, f"first_{level}_date_precision": precisions.get(level),
            f"{level}_and_offence_order": order_of(edges, offence, "contact") if levels or is_known_to_education or level != "contact" else None,
            f"days_{level}_to_offence": (offence - shown).days if shown and offence else None,
        }  # fmt: skip
    for event in ("suspension", "permanent_exclusion", "persistent_absence"):
        shown, precision = school.get(event) or (None, None)
        made |= {f"first_{event}_date": shown, f"first_{event}_date_precision": precision}
        for kind, outcome in (("offence", offence), ("serious_violence", violence)):
            edges = days_it_may_be(shown, precision) if shown else None
            made[f"{event}_and_{kind}_order"] = order_of(edges, outcome, "event") if event in school else None
            made[f"days_{event}_to_{kind}"] = (outcome - shown).days if shown and outcome else None
    return made
