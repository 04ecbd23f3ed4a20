"""Lives in the justice system: offences, cautions and convictions, courts, custody, and which of it is linked to a pupil.

A first offence comes from hazards by age, the child's risk, sex, ethnic group and authority, and the planted effects of care and exclusion; later
offences follow the first. One in six of first offences is of serious violence (a knife, a robbery, an assault with injury).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .areas import Areas
from .days import day
from .parameters import AFTERMATH, CAUSES, FIRST_OFFENCE, LEVEL, LINKED, LOADING, OFFENCE, STEEPNESS, VIOLENCE, VIOLENCE_AGE, VIOLENCE_LATER, VIOLENCE_PROPENSITIES
from .people import MAJOR, MINOR
from .school import FAR
from .streams import Streams, balanced, choose, onset, pick_index

AGES = np.arange(10, 10 + len(FIRST_OFFENCE) + 1)
BASE_RATE = 0.00023     # of a first offence, multiplies FIRST_OFFENCE (fitted: 4% of pupils have a linked one)
MORE_OFFENDING = 1.38   # mean later occasions of an offender of average risk among offenders (assumed)
MOST_OCCASIONS = 40
CHARGES = 0.62          # chance that an occasion ends with one offence, and so on (assumed)
# Offences as the record names them: Home Office code and words. Serious violence: codes of the published list.
OFFENCES = (
    ("10501", "Common assault and battery", 17), ("04600", "Stealing from shops and stalls (shoplifting)", 15), ("05807", "Criminal damage", 12),
    ("12505", "Causing intentional harassment, alarm or distress", 10), ("09262", "Possession of a controlled drug - Class B (cannabis)", 12),
    ("04910", "Theft (other)", 8), ("02801", "Burglary in a dwelling", 5), ("03001", "Burglary in a building other than a dwelling", 4),
    ("04802", "Unauthorised taking of a motor vehicle", 4), ("05402", "Receiving stolen goods", 3), ("06609", "Affray", 3),
    ("10401", "Assaulting a constable", 3), ("09225", "Supplying a controlled drug - Class A", 2), ("01701", "Sexual assault on a male", 0.3),
    ("02001", "Sexual assault on a female", 1), ("08301", "Failing to surrender to bail", 1),
)  # shares assumed
VIOLENT_OFFENCES = (
    ("00806", "Assaults occasioning actual bodily harm", 45), ("03401", "Robbery", 19), ("00826", "Having an article with a blade or point in a public place", 18),
    ("00811", "Possession of offensive weapons without lawful authority or reasonable excuse", 11), ("00501", "Wounding etc. with intent to do grievous bodily harm", 3),
    ("00827", "Having an article with a blade or point on school premises", 2), ("03402", "Assault with intent to rob", 1), ("00864", "Threaten with a blade in a public place", 1),
    ("00401", "Manslaughter", 0.05), ("00101", "Murder of persons aged 1 year or over", 0.1),
)  # shares assumed; codes of `serious violence` as published
ALL_OFFENCES = OFFENCES + VIOLENT_OFFENCES
# Disposals: code (invented, the record's own are not public), words, group.
DISPOSALS = (
    ("9001", "REPRIMAND", "caution"), ("9002", "FINAL WARNING", "caution"), ("9003", "YOUTH CAUTION", "caution"),
    ("9004", "YOUTH CONDITIONAL CAUTION", "caution"), ("9005", "CAUTION", "caution"), ("9011", "REFERRAL ORDER", "non_custodial"),
    ("9012", "CONDITIONAL DISCHARGE", "non_custodial"), ("9013", "FINE", "non_custodial"), ("9014", "YOUTH REHABILITATION ORDER", "non_custodial"),
    ("9015", "COMMUNITY ORDER", "non_custodial"), ("9016", "SUSPENDED SENTENCE ORDER", "non_custodial"),
    ("9021", "DETENTION AND TRAINING ORDER", "custodial"), ("9022", "SECTION 91 DETENTION", "custodial"), ("9023", "IMPRISONMENT", "custodial"),
    ("9090", "NOT GUILTY", "not_convicted"), ("9080", "BREACH OF ORDER", "no_sanction"),
)
DISPOSAL = {text: number for number, (_, text, _) in enumerate(DISPOSALS)}
GROUPS = np.array([group for _, _, group in DISPOSALS], dtype=object)
YOUTH_CAUTIONS = day(2013, 4, 8)   # replaced reprimands and final warnings
YOUTH_ORDERS = day(2009, 11, 30)


@dataclass
class Justice:
    """Justice lives; `person` is the row in `people`. Offences are in order of person and day; `occasion` numbers sanction occasions."""

    offences: pd.DataFrame
    occasions: pd.DataFrame
    custody: pd.DataFrame
    linked: np.ndarray
    first_violence: np.ndarray  # day of first serious violence, far for most

    def events(self, people: pd.DataFrame, streams: Streams) -> dict[str, pd.DataFrame]:
        """What social care does about it: referrals and entries to care soon after a first offence of serious violence, and remands of children."""
        rng = streams.named("justice.aftermath")
        n = len(people)
        child = (self.first_violence < FAR) & (self.first_violence < people["adulthood"].to_numpy() - 60)
        made = {}
        for name in ("referral", "care"):
            chosen = np.flatnonzero(child & (rng.random(n) < AFTERMATH[name]))
            delay = 1 + rng.exponential({"referral": 210, "care": 210}[name], len(chosen)).astype(np.int64)
            made[name] = pd.DataFrame({"person": chosen, "start": self.first_violence[chosen] + delay})
        remand = self.custody[self.custody["kind"] == "remand"]
        young = (remand["start"].to_numpy() < people["adulthood"].to_numpy()[remand["person"]] - 10) & (remand["start"] >= day(2012, 12, 3))
        made["remand"] = remand.loc[young, ["person", "start", "end"]].reset_index(drop=True)
        return made


def major_groups(people: pd.DataFrame) -> np.ndarray:
    """Major ethnic group of each child."""
    return np.array([MAJOR[code[0]] for code in MINOR], dtype=object)[people["ethnicity"].to_numpy()]


def make_justice(people: pd.DataFrame, areas: Areas, first_care: np.ndarray, first_suspension: np.ndarray, first_exclusion: np.ndarray,
                 traits: np.ndarray, moments: np.ndarray, streams: Streams) -> Justice:
    """Draw the justice life of every child.

    Args:
        first_care: day of first entry to care of each child, far for most.
        first_suspension: day of first suspension.
        first_exclusion: day of first permanent exclusion.
        traits: what those drawn for violence and for linkage are balanced on, one row for each child; no cause of anything.
        moments: days of what else happens in each child's life, far for never: the violent are balanced on what comes before and after as well.
    """
    group = major_groups(people)
    birth = people["birth"].to_numpy()
    steep = STEEPNESS["offence"]
    score = steep * people["risk"].to_numpy() - steep**2 / 2 + OFFENCE["male"] * (people["male"].to_numpy() - 0.5)
    score = score + np.array([OFFENCE[name] for name in group]) + areas.effect[people["area_1"].to_numpy()]

    def age_at(days: np.ndarray) -> np.ndarray:
        return np.where(days < FAR, (days - birth) / 365.25, np.inf)

    suspended, excluded = age_at(first_suspension), age_at(first_exclusion)
    within_year, within_half = CAUSES["first suspension", "first offence within a year"], CAUSES["first permanent exclusion", "first offence within half a year"]
    age = onset(streams.named("justice.first"), AGES, np.array(FIRST_OFFENCE) * BASE_RATE * LEVEL["offence"], np.exp(score), [
        (age_at(first_care), CAUSES["first entry to care", "first offence"]),
        (suspended, within_year), (suspended + 1, 1 / within_year),
        (excluded, within_half), (excluded + 0.5, CAUSES["first permanent exclusion", "first offence"] / within_half),
    ], order=(people["area_1"].to_numpy(), people["risk"].to_numpy()), then=(birth,), by=18.4)
    person = np.flatnonzero(np.isfinite(age) & (birth + age * 365.25 < day(2021)))
    first = birth[person] + np.floor(age[person] * 365.25).astype(np.int64)
    occasions = later_occasions(people, person, first, streams)
    followed_until = day(people["cohort"].to_numpy() + 18, 9)
    linked = link(people, group, areas, person, first, followed_until, traits, streams)
    add_violence(people, areas, group, occasions, followed_until, linked, traits, moments, streams)
    add_disposals(people, occasions, streams)
    violent = occasions[occasions["violent"]].groupby("person")["day"].min()
    first_violence = np.full(len(people), FAR)
    first_violence[violent.index] = violent.to_numpy()
    return Justice(charge_list(occasions, streams), occasions, custody_spells(people, occasions, streams), linked & people["is_pupil"].to_numpy(),
                   first_violence)


def link(people: pd.DataFrame, group: np.ndarray, areas: Areas, offenders: np.ndarray, first: np.ndarray, until: np.ndarray, traits: np.ndarray,
         streams: Streams) -> np.ndarray:
    """Whether the record of each child is linked to the pupil: drawn in balance among those who offend before the day `until`, authority by authority."""
    rng = streams.named("justice.linked")
    chance = link_chance(people, group)
    linked = rng.random(len(people)) < chance
    young = first < until[offenders]
    some = offenders[young]
    age = (first[young] - people["birth"].to_numpy()[some]) / 365.25
    linked[some] = balanced(rng, chance[some], np.column_stack([traits[some], by_year(age)]), order=people["area_1"].to_numpy()[some])
    return linked


def by_year(age: np.ndarray) -> np.ndarray:
    """One column for each year of age from 10 to 18, true where it has been reached and the next has not."""
    return np.floor(age)[:, None] == np.arange(10, 19)


def in_time(days: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """For each of some moments whether it comes two years, one, half a year or a term before a day, about then, a term or half a year after it."""
    gap = moments - days[:, None]
    edges = (-FAR, -730, -365, -180, -60, 60, 180, FAR // 2)
    return np.concatenate([(gap > low) & (gap <= high) for low, high in zip(edges[:-1], edges[1:])], axis=1)


def link_chance(people: pd.DataFrame, group: np.ndarray) -> np.ndarray:
    """Chance that the record of an offender is linked to the pupil: less for those whose names and addresses change or are misheard (assumed)."""
    chance = LINKED + 0.01 - 0.05 * np.isin(group, ["BLAC", "MIXD", "AOEG", "UNCL"]) - 0.03 * ~people["male"].to_numpy()
    return np.where(people["is_uasc"], 0.35, chance)


def later_occasions(people: pd.DataFrame, person: np.ndarray, first: np.ndarray, streams: Streams) -> pd.DataFrame:
    """All occasions of offending of those who offend at all, in order: columns `person`, `number` (0 for the first), `day`."""
    rng = streams.named("justice.later")
    risk = people["risk"].to_numpy()[person]
    more = np.minimum(rng.poisson(rng.gamma(0.5, 2.0, len(person)) * MORE_OFFENDING * np.exp(0.5 * (risk - 1.8))), MOST_OCCASIONS)
    row = np.repeat(np.arange(len(person)), 1 + more)
    number = pd.Series(row).groupby(row).cumcount().to_numpy()
    gap = np.where(number == 0, 0, 10 + rng.exponential(210, len(row))).astype(np.int64)
    occasions = pd.DataFrame({"person": person[row], "number": number, "day": first[row] + pd.Series(gap).groupby(row).cumsum().to_numpy()})
    return occasions[occasions["day"] < day(2021)].reset_index(drop=True)


def add_violence(people: pd.DataFrame, areas: Areas, group: np.ndarray, occasions: pd.DataFrame, until: np.ndarray, linked: np.ndarray,
                 traits: np.ndarray, moments: np.ndarray, streams: Streams) -> None:
    """Mark the occasions of serious violence, and add the age at each occasion.

    Who is violent before the day `until`, and when first, is drawn in balance, for those who are linked to a pupil and the others apart, authority by
    authority; what comes later is free.
    """
    person = occasions["person"].to_numpy()
    occasions["age"] = (occasions["day"].to_numpy() - people["birth"].to_numpy()[person]) / 365.25
    by_age = np.array(VIOLENCE_AGE)[np.clip(np.floor(occasions["age"]).astype(int) - 10, 0, len(VIOLENCE_AGE) - 1)]
    score = LEVEL["violence"] + VIOLENCE_LATER * np.minimum(occasions["number"].to_numpy(), 3) + by_age + areas.violence[people["area_1"].to_numpy()[person]]
    for name in VIOLENCE_PROPENSITIES:
        score = score + VIOLENCE[name] * (people[name].to_numpy()[person] - 1.8 * LOADING.get(name, 1.0))
    score = score + VIOLENCE["male"] * (people["male"].to_numpy()[person] - 0.77) + np.array([VIOLENCE[name] for name in group[person]], dtype=float)
    chance = 1 / (1 + np.exp(-score))
    rng = streams.named("justice.violence")
    # Chance of each person to be spared through each occasion; the first violent one is where it falls below a uniform number.
    spared = np.exp(within_person(person, np.log1p(-chance)))
    before = np.where(occasions["number"] == 0, 1.0, np.roll(spared, 1))
    when = occasions["day"].to_numpy()
    soon = when < until[person]
    through = np.ones(len(people))
    np.minimum.at(through, person[soon], spared[soon])
    level = rng.random(len(people)) * through  # spared so far, unless drawn now
    for part in (linked, ~linked):
        rows = np.flatnonzero(soon & part[person])
        who = person[rows]
        features = np.column_stack([traits[who], by_year(occasions["age"].to_numpy()[rows]), occasions["number"].to_numpy()[rows] > 0,
                                    in_time(when[rows], moments[who])])
        drawn = rows[balanced(rng, (before - spared)[rows], features, who, people["area_1"].to_numpy()[who])]
        level[person[drawn]] = (before[drawn] + spared[drawn]) / 2
    reached = spared < level[person]
    later = within_person(person, reached.astype(float)) > 1
    occasions["violent"] = np.where(later, rng.random(len(occasions)) < chance, reached)


def within_person(person: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Running sum of each person's values."""
    return pd.Series(values).groupby(person).cumsum().to_numpy()


def add_disposals(people: pd.DataFrame, occasions: pd.DataFrame, streams: Streams) -> None:
    """Settle how each occasion ended (`disposal`, a number in `DISPOSALS`), when (`sentence_day`), and the length of custody in days."""
    rng = streams.named("justice.disposals")
    n = len(occasions)
    number, violent, when = occasions["number"].to_numpy(), occasions["violent"].to_numpy(), occasions["day"].to_numpy()
    youth = occasions["age"].to_numpy() < 18
    cautioned = rng.random(n) < np.select([youth, ~youth], [np.where(number == 0, 0.72, np.where(number == 1, 0.45, 0.08)), np.where(number == 0, 0.5, 0.2)])
    cautioned &= ~(violent & (rng.random(n) < 0.45))
    custody = rng.random(n) < np.clip(0.02 + 0.018 * number + 0.10 * violent + 0.04 * ~youth, 0, 0.6)
    old = when < YOUTH_CAUTIONS
    caution = np.select([~youth, old & (number == 0), old], [DISPOSAL["CAUTION"], DISPOSAL["REPRIMAND"], DISPOSAL["FINAL WARNING"]],
                        np.where(number == 0, DISPOSAL["YOUTH CAUTION"], DISPOSAL["YOUTH CONDITIONAL CAUTION"]))
    draw = rng.random(n)
    youth_order = np.where(draw < np.where(number < 3, 0.6, 0.25), DISPOSAL["REFERRAL ORDER"],
                           np.where((draw < 0.9) & (when >= YOUTH_ORDERS), DISPOSAL["YOUTH REHABILITATION ORDER"], DISPOSAL["CONDITIONAL DISCHARGE"]))
    adult_order = np.select([draw < 0.35, draw < 0.5, draw < 0.85], [DISPOSAL["FINE"], DISPOSAL["CONDITIONAL DISCHARGE"], DISPOSAL["COMMUNITY ORDER"]],
                            DISPOSAL["SUSPENDED SENTENCE ORDER"])
    prison = np.where(youth, np.where(violent & (draw < 0.2), DISPOSAL["SECTION 91 DETENTION"], DISPOSAL["DETENTION AND TRAINING ORDER"]),
                      DISPOSAL["IMPRISONMENT"])
    occasions["disposal"] = np.select([cautioned, custody], [caution, prison], np.where(youth, youth_order, adult_order))
    occasions["sentence_day"] = when + np.where(cautioned, rng.integers(0, 60, n), 40 + rng.exponential(110, n).astype(np.int64))
    occasions["conviction"] = ~cautioned
    length = np.where(occasions["disposal"] == DISPOSAL["DETENTION AND TRAINING ORDER"], rng.choice([120, 180, 240, 300, 365, 545, 730], n),
                      60 + rng.exponential(np.where(violent, 900, 400), n).astype(np.int64))
    occasions["length"] = np.where(occasions["conviction"] & custody, length, 0)
    occasions["crown"] = occasions["conviction"] & (rng.random(n) < np.where(violent, 0.30, 0.04) + 0.15 * (length > 500) * custody)


def charge_list(occasions: pd.DataFrame, streams: Streams) -> pd.DataFrame:
    """The offences of each occasion: the main one, and for some up to five more of the days before; a few of the others end in not guilty."""
    rng = streams.named("justice.charges")
    count = np.minimum(rng.geometric(CHARGES, len(occasions)), 6)
    row = np.repeat(np.arange(len(occasions)), count)
    main = np.append(True, row[1:] != row[:-1])[:len(row)]
    mild = pick_index(rng, np.array([o[2] for o in OFFENCES], dtype=float), len(row))
    grave = len(OFFENCES) + pick_index(rng, np.array([o[2] for o in VIOLENT_OFFENCES], dtype=float), len(row))
    violent = occasions["violent"].to_numpy()[row] & main
    offences = pd.DataFrame({
        "person": occasions["person"].to_numpy()[row], "occasion": row, "main": main, "offence": np.where(violent, grave, mild), "violent": violent,
        "day": occasions["day"].to_numpy()[row] - np.where(main, 0, rng.integers(0, 12, len(row)) * (occasions["number"].to_numpy()[row] > 0)),
        "sentence_day": occasions["sentence_day"].to_numpy()[row],
    })
    acquitted = ~main & (rng.random(len(row)) < 0.08) & occasions["conviction"].to_numpy()[row]
    offences["disposal"] = np.where(acquitted, DISPOSAL["NOT GUILTY"], occasions["disposal"].to_numpy()[row])
    # The record holds the same offence of the same day once.
    offences = offences.drop_duplicates(["occasion", "offence", "day"]).reset_index(drop=True)
    offences["country"] = choose(rng, {"England and Wales": 98.6, "Scotland": 0, "Wales": 1.4}, len(offences))
    return offences


def custody_spells(people: pd.DataFrame, occasions: pd.DataFrame, streams: Streams) -> pd.DataFrame:
    """Time in custody: remands before sentence, sentences to the half-way point, recalls. Columns `person`, `kind`, `start`, `end`, `length`, `age`."""
    rng = streams.named("justice.custody")
    sentenced = occasions[occasions["length"] > 0]
    n = len(sentenced)
    at_half = sentenced["sentence_day"] + np.maximum(sentenced["length"] // 2, 7)
    remanded = rng.random(n) < 0.35
    before = np.minimum((sentenced["sentence_day"] - sentenced["day"]).to_numpy(), 7 + rng.integers(0, 110, n))
    recalled = rng.random(n) < 0.12
    back = at_half + 20 + rng.integers(0, 120, n)
    parts = [
        pd.DataFrame({"person": sentenced["person"], "kind": "remand", "start": sentenced["sentence_day"] - before, "end": sentenced["sentence_day"]})[remanded],
        pd.DataFrame({"person": sentenced["person"], "kind": "sentence", "start": sentenced["sentence_day"], "end": at_half}),
        pd.DataFrame({"person": sentenced["person"], "kind": "recall", "start": back, "end": back + 14 + rng.integers(0, 60, n)})[recalled],
    ]
    spells = pd.concat(parts, ignore_index=True)
    spells["length"] = np.where(spells["kind"] == "sentence", np.resize(sentenced["length"].to_numpy(), len(spells)) if n else 0, 0)
    spells.loc[spells["kind"] == "sentence", "length"] = sentenced["length"].to_numpy()
    # Remands of children who were in the end not sentenced to custody.
    other = occasions[(occasions["length"] == 0) & occasions["conviction"] & (occasions["age"] < 18)]
    other = other[rng.random(len(other)) < 0.015]
    spells = pd.concat([spells, pd.DataFrame({"person": other["person"], "kind": "remand", "start": other["day"] + 1,
                                              "end": other["day"] + 2 + rng.integers(30, 150, len(other)), "length": 0})], ignore_index=True)
    spells["age"] = (spells["start"].to_numpy() - people["birth"].to_numpy()[spells["person"]]) / 365.25
    return spells[spells["end"] > spells["start"]].sort_values(["person", "start", "kind"], kind="stable").reset_index(drop=True)
