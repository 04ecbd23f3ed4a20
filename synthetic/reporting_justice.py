"""What police, courts and prisons recorded, and the link between their identifiers and those of pupils."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .days import day, year_month
from .justice import ALL_OFFENCES, DISPOSAL, DISPOSALS, GROUPS, OFFENCES
from .people import scrambled
from .streams import Streams
from .tables import Rows, Text
from .world import World

PNC_FROM, MAGISTRATES_FROM, CROWN_FROM, CUSTODY_FROM = 2000, 2011, 2013, 2011  # calendar years (published, custody about)
NOT_PROVEN = 0.06   # further cases that end without a conviction, per case (assumed)
SPLIT_IDS = 0.03    # people whose court and prison records carry two different linkage ids (assumed)
NO_SANCTION = {"acquitted": 0.05, "breach": 0.06, "Scotland": 0.015}  # further PNC records that are no sanction, per occasion (assumed)
ACQUITTED_ON_REMAND = 0.20  # share of the acquitted who had waited in custody (assumed)
LINK_FILE_ONLY = 0.10  # linked people whose link stands in the link file and in no other table (assumed)
OUTCOMES = {"caution": "", "non_custodial": "COMM_SENT", "custodial": "CUST", "not_convicted": "ACQ"}


def first_sentence_year(world: World) -> np.ndarray:
    """Calendar year of the first caution or sentence of each linked pupil; a far one for the others."""
    occasions = world.justice.occasions
    first = occasions.groupby("person")["sentence_day"].min()
    years = np.full(len(world.people), 9999)
    years[first.index] = np.maximum(year_month(first.to_numpy())[0], PNC_FROM)
    return np.where(world.justice.linked, years, 9999)


def hashes(numbers: np.ndarray, seed: int) -> Text:
    """A text of 16 hexadecimal characters for each number."""
    text = scrambled(numbers, seed + 77).astype(">u8").tobytes().hex()
    return Text.of(np.frombuffer(text.encode("ascii"), dtype="S16").astype("U16").astype(object))


def report_justice(world: World, pmr: np.ndarray, moj_uid: np.ndarray, seed: int, streams: Streams) -> dict[str, Rows]:
    """The tables `pnc`, `magistrates`, `crown`, `custody` and `link`."""
    number = world.people["person"].to_numpy()
    split = streams.named("reporting.split_ids").random(len(number)) < SPLIT_IDS
    quiet = link_file_only(world, streams)
    linked_pmr = np.where(world.justice.linked & ~quiet, pmr, "").astype(object)
    others = records_without_sanction(world, streams)
    tables = {"pnc": pnc(world, moj_uid, linked_pmr, others)}
    cases = court_cases(world, streams)
    for court, first in (("magistrates", MAGISTRATES_FROM), ("crown", CROWN_FROM)):
        mine = cases[(cases["court"] == court) & (cases["year"] >= first)].reset_index(drop=True)
        person = mine["person"].to_numpy()
        key = number[person] * 128 + mine["number"].to_numpy()
        tables[court] = Rows({
            "moj_uid": Text(person.astype(np.int32), moj_uid),
            "xjs_id": hashes(number[person] * 2 + (split[person] & (mine["number"].to_numpy() % 2 == 1)) + (1 << 42), seed),
            "case_id": hashes(key * 2 + (court == "crown") + (1 << 44), seed),
            "hearing_date": Text.dates(mine["hearing"].to_numpy()),
            "completion_date": Text.dates(mine["completion"].to_numpy()),
            "offence_code": Text.listed(mine["offence"].to_numpy(), [code for code, _, _ in ALL_OFFENCES]),
            "outcome": Text.of(mine["outcome"].to_numpy(dtype=object)),
            "sentence_type": Text.of(mine["sentence"].to_numpy(dtype=object)),
            "sentence_days": Text.numbers(np.minimum(mine["length"].to_numpy(), 15_000), mine["length"].to_numpy() == 0),
        }, {"_person": person, "_year": mine["year"].to_numpy(), "_order": mine["completion"].to_numpy()})
    tables["custody"] = custody(world, moj_uid, number, split, seed, remands_of_acquitted(others))
    years = first_sentence_year(world)
    person = np.flatnonzero(years < 9999)
    tables["link"] = Rows({"moj_uid": Text(person.astype(np.int32), moj_uid), "pmr": Text(person.astype(np.int32), pmr)},
                          {"_person": person, "_year": years[person], "_order": person, "_quiet": quiet[person]})
    return tables


def link_file_only(world: World, streams: Streams) -> np.ndarray:
    """People whose link is known from the link file alone: neither the PNC nor any return carries the other key."""
    return streams.named("reporting.link_file_only").random(len(world.people)) < LINK_FILE_ONLY


def records_without_sanction(world: World, streams: Streams) -> pd.DataFrame:
    """Records of the PNC that are no sanction of England and Wales: acquittals, breaches of an order, sentences in Scotland.

    Columns `person`, `number` (of the record), `day`, `sentence_day`, `offence`, `disposal`, `country`, `on_remand`. Each follows or, for the
    acquitted, may precede an occasion of the person, and lies between the tenth birthday and the end of the world.
    """
    rng = streams.named("reporting.no_sanction")
    occasions, birth = world.justice.occasions, world.people["birth"].to_numpy()
    parts = []
    for kind, share in NO_SANCTION.items():
        chosen = np.flatnonzero(rng.random(len(occasions)) < share)
        n, day_of = len(chosen), occasions["day"].to_numpy()[chosen]
        when = day_of + (rng.integers(-400, 400, n) if kind == "acquitted" else rng.integers(230, 500, n))
        mild = rng.integers(0, len(OFFENCES), n)
        disposal = {"acquitted": "NOT GUILTY", "breach": "BREACH OF ORDER", "Scotland": "FINE"}[kind]
        parts.append(pd.DataFrame({
            "person": occasions["person"].to_numpy()[chosen], "day": when, "sentence_day": when + rng.integers(20, 150, n), "offence": mild,
            "disposal": DISPOSAL[disposal], "country": "Scotland" if kind == "Scotland" else "England and Wales",
            "on_remand": (kind == "acquitted") & (rng.random(n) < ACQUITTED_ON_REMAND),
        }))
    records = pd.concat(parts, ignore_index=True).sort_values(["person", "day"], kind="stable")
    kept = (records["day"] >= birth[records["person"]] + 3660) & (records["sentence_day"] < day(2021))
    records = records[kept].reset_index(drop=True)
    records["number"] = 42 + records.groupby("person").cumcount()
    return records[records["number"] < 64].reset_index(drop=True)


def remands_of_acquitted(records: pd.DataFrame) -> pd.DataFrame:
    """Custody of those who waited for their acquittal there: from some days after the offence to the day of the verdict."""
    some = records[records["on_remand"]]
    return pd.DataFrame({"person": some["person"], "kind": "remand", "start": some["day"] + 5, "end": some["sentence_day"], "length": 0})


def pnc(world: World, moj_uid: np.ndarray, linked_pmr: np.ndarray, others: pd.DataFrame) -> Rows:
    """Police National Computer: one row for each offence that ended in a caution or went to court."""
    offences = world.justice.offences
    offences = pd.concat([offences.assign(number=world.justice.occasions["number"].to_numpy()[offences["occasion"]]), others], ignore_index=True)
    year = year_month(offences["sentence_day"].to_numpy())[0]
    offences = offences[(year >= PNC_FROM)].reset_index(drop=True)
    person = offences["person"].to_numpy()
    age = np.floor((offences["day"].to_numpy() - world.people["birth"].to_numpy()[person]) / 365.25).astype(np.int64)
    disposal = offences["disposal"].to_numpy()
    record = world.people["person"].to_numpy()[person] * 64 + offences["number"].to_numpy()
    return Rows({
        "moj_uid": Text(person.astype(np.int32), moj_uid), "pmr": Text(person.astype(np.int32), linked_pmr),
        "record": Text.of(record.astype(str).astype(object)),
        "offence": Text.listed(offences["offence"].to_numpy(), [f"{code} {label}" for code, label, _ in ALL_OFFENCES]),
        "offence_date": Text.dates(offences["day"].to_numpy()), "offence_age": Text.numbers(age),
        "sentence_date": Text.dates(offences["sentence_day"].to_numpy()),
        "disposal_code": Text.listed(disposal, [code for code, _, _ in DISPOSALS]), "disposal": Text.listed(disposal, [text for _, text, _ in DISPOSALS]),
        "conviction": Text.flag(GROUPS[disposal] != "caution"),
        "country": Text.of(offences["country"].to_numpy(dtype=object)),
    }, {"_person": person, "_year": year[year >= PNC_FROM], "_order": offences["day"].to_numpy(), "_sentence_day": offences["sentence_day"].to_numpy(),
        "_offence": offences["offence"].to_numpy(), "_disposal": disposal, "_abroad": (offences["country"] == "Scotland").to_numpy()})


def court_cases(world: World, streams: Streams) -> pd.DataFrame:
    """Every case that came to court: of the convictions, and some that were not proven. A case for the Crown Court begins with the magistrates."""
    rng = streams.named("reporting.courts")
    main = world.justice.offences[world.justice.offences["main"]]
    occasions = world.justice.occasions.assign(offence=main["offence"].to_numpy())
    cases = occasions[occasions["conviction"]].reset_index(drop=True)
    lost = cases[rng.random(len(cases)) < NOT_PROVEN].assign(number=lambda rows: rows["number"] + 64, disposal=DISPOSAL["NOT GUILTY"], length=0)
    cases = pd.concat([cases, lost], ignore_index=True)
    hearing = cases["day"].to_numpy() + 14 + (rng.random(len(cases)) * (cases["sentence_day"] - cases["day"] - 14).clip(lower=1).to_numpy() * 0.6).astype(np.int64)
    group = GROUPS[cases["disposal"].to_numpy()]
    text = np.array([text for _, text, _ in DISPOSALS], dtype=object)[cases["disposal"].to_numpy()]
    outcome = np.select([text == "FINE", text == "CONDITIONAL DISCHARGE", text == "SUSPENDED SENTENCE ORDER"], ["FINE", "DISCHARGE", "SUSP_SENT"],
                        np.array([OUTCOMES[name] for name in group], dtype=object))
    crown = cases["crown"].to_numpy(dtype=bool)
    shared = {"person": cases["person"], "number": cases["number"], "offence": cases["offence"]}
    below = pd.DataFrame(shared | {"court": "magistrates", "hearing": hearing, "completion": np.where(crown, hearing + 7, cases["sentence_day"]),
                                   "outcome": np.where(crown, "COMMITTED", outcome), "sentence": np.where(crown | (outcome == "ACQ"), "", text),
                                   "length": np.where(crown, 0, cases["length"])})
    above = pd.DataFrame(shared | {"court": "crown", "hearing": hearing + 28, "completion": np.maximum(cases["sentence_day"], hearing + 30),
                                   "outcome": outcome, "sentence": np.where(outcome == "ACQ", "", text), "length": cases["length"]})[crown]
    both = pd.concat([below, above], ignore_index=True)
    both["completion"] = np.maximum(both["completion"], both["hearing"])
    both["year"] = year_month(both["completion"].to_numpy())[0]
    return both


def custody(world: World, moj_uid: np.ndarray, number: np.ndarray, split: np.ndarray, seed: int, others: pd.DataFrame) -> Rows:
    """Prison and youth custody: one row for each spell, open ones without a release date; `others` are spells beside those of the sentenced."""
    spells = pd.concat([world.justice.custody, others], ignore_index=True)
    spells["age"] = (spells["start"].to_numpy() - world.people["birth"].to_numpy()[spells["person"]]) / 365.25
    year = year_month(spells["start"].to_numpy())[0]
    kept = year >= CUSTODY_FROM
    spells, year = spells[kept], year[kept]
    person = spells["person"].to_numpy()
    place = np.select([spells["age"] < 15, spells["age"] < 18, spells["age"] < 21], ["STC", "YOI_JUVENILE", "YOI_ADULT"], "PRISON")
    end = spells["end"].to_numpy()
    return Rows({
        "moj_uid": Text(person.astype(np.int32), moj_uid),
        "xjs_id": hashes(number[person] * 2 + (split[person] & (year % 2 == 1)) + (1 << 42), seed),
        "reception_date": Text.dates(spells["start"].to_numpy()), "reception_type": Text.of(spells["kind"].str.upper().to_numpy(dtype=object)),
        "release_date": Text.dates(end, end > day(2020, 12, 31)),
        "sentence_days": Text.numbers(np.minimum(spells["length"].to_numpy(), 15_000), spells["length"].to_numpy() == 0),
        "establishment": Text.of(place.astype(object)),
    }, {"_person": person, "_year": year, "_order": spells["start"].to_numpy(), "_end": end, "_kind": spells["kind"].to_numpy(dtype=object)})
