"""Time at risk: which level of social care was known on which day, and when and why follow-up ends, as lived, for every pupil of a clean world."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
from conftest import Run
from recompute_justice import last_day, table
from test_justice_truth import sharing_a_key, spoiled_pupils, truth
from test_truth_social_care import HARMLESS, Faults

Stretch = tuple[str | None, date, date, str]
RETURNS_START, PNC_STARTS = date(2008, 10, 1), date(2000, 1, 1)
GONE = ("death", "moved_abroad")  # which may fall on the last day of the data too


def days(values: pd.Series) -> list[date | None]:
    return [None if pd.isna(day) else day.date() for day in pd.to_datetime(values)]


def texts(values: pd.Series) -> list[str | None]:
    return values.astype(object).where(values.notna(), None).tolist()


def found_stretches(run: Run) -> dict[str, list[Stretch]]:
    """The mart, by pupil."""
    rows = run.table("marts.at_risk_spells").sort_values(["pupil_id", "spell_number"])
    made: dict[str, list[Stretch]] = {}
    for pupil, level, start, stop, kind in zip(rows.pupil_id, texts(rows.social_care_level_so_far), days(rows.start_date), days(rows.stop_date), rows.stop_kind):
        made.setdefault(pupil, []).append((level, start, stop, kind))
    return made


def of_truth(run: Run) -> dict[str, list[tuple[str | None, date, date | None, str]]]:
    """The stretches of those of whom anything is told, by pupil; the last may be open."""
    people = pd.read_parquet(run.extract.parent / "truth" / "pupils.parquet", columns=["person", "pupil_id"]).dropna()
    rows = truth(run, "at_risk_spells").merge(people, on="person")
    made: dict = {}
    for pupil, level, start, stop, kind in zip(rows.pupil_id, texts(rows.level), days(rows.start_date), days(rows.stop_date), texts(rows.stop_kind)):
        made.setdefault(pupil, []).append((level, start, stop, kind or ""))
    return made


def lived_stretches(run: Run) -> dict[str, list[Stretch]]:
    """The truth of every pupil of the mart whose birth is known and who is at risk before the data end, as far as the data reach."""
    first_day_after = last_day(table(run.extract, "pnc")) + timedelta(1)
    told = of_truth(run)
    people = pd.read_parquet(run.extract.parent / "truth" / "pupils.parquet").dropna(subset="pupil_id").set_index("pupil_id")
    at_school = people[f"{run.extract.name}_is_in_education_data"].eq(True).to_dict()
    tenth_birthday = {pupil: date(year + 10, month, 1) for pupil, year, month in zip(people.index, people.birth_year, people.birth_month)}
    outcomes = truth(run, "justice_outcomes").set_index("pupil_id")
    first_offence = dict(zip(outcomes.index, days(outcomes.first_offence_date)))
    made = {}
    for pupil, birth in zip(*[run.table("marts.pupils")[name] for name in ("pupil_id", "notional_birth_date")]):
        if pd.isna(birth) or pupil not in tenth_birthday:
            continue
        start = max(tenth_birthday[pupil], PNC_STARTS)
        if start >= first_day_after or first_offence.get(pupil) and first_offence[pupil] < start:
            continue
        if pupil in told:
            stretches = told[pupil]
        elif not at_school[pupil]:
            stretches = [(None, start, None, "")]
        else:
            seen = max(start, RETURNS_START)
            stretches = [part for part in ((None, start, seen, "level_change"), ("no_contact", seen, None, "")) if part[1] != part[2]]
        stretches = [part for part in stretches if part[1] < first_day_after]
        made[pupil] = [
            (level, begin, min(stop or first_day_after, first_day_after), kind if kind == "event" or stop and stop < first_day_after + timedelta(kind in GONE) else "end_of_data")
            for level, begin, stop, kind in stretches
        ]  # fmt: skip
    return made


def wrong_pupils(run: Run) -> tuple[set[str], int]:
    """Pupils whose stretches are not those that were lived, and how many were compared."""
    found, lived = found_stretches(run), lived_stretches(run)
    return {pupil for pupil in found.keys() | lived.keys() if found.get(pupil) != lived.get(pupil)}, len(lived)


def test_without_faults_every_stretch_of_every_pupil_is_the_one_lived(built_clean: Run) -> None:
    wrong, n_compared = wrong_pupils(built_clean)
    rows = built_clean.table("marts.at_risk_spells")
    kinds = rows.stop_kind.value_counts()
    assert n_compared > 1_500 and kinds["event"] > 40 and kinds["level_change"] > 1_000
    assert rows.social_care_level_so_far.nunique() == 5
    assert len(wrong) == 0, sorted(wrong)[:5]


def test_without_faults_those_left_out_are_the_young_and_those_of_unknown_birth(built_clean: Run) -> None:
    status = built_clean.table("marts.follow_up").set_index("pupil_id").follow_up_status
    people = pd.read_parquet(built_clean.extract.parent / "truth" / "pupils.parquet").dropna(subset="pupil_id").set_index("pupil_id")
    lived = people.reindex(status.index)
    end = last_day(table(built_clean.extract, "pnc"))
    young = pd.to_datetime(pd.DataFrame({"year": lived.birth_year + 10, "month": lived.birth_month, "day": 1})) > pd.Timestamp(end)
    assert set(status[young & (status != "birth_not_known")]) == {"data_end_before_age_10"}
    assert set(status[~young]) <= {"followed", "birth_not_known", "sanctioned_before", "died_before", "moved_abroad_before"}
    assert young.sum() > 100 and (status == "birth_not_known").mean() < 0.02


def test_with_faults_every_wrong_stretch_has_a_planted_cause(built_dirty: Run) -> None:
    wrong, n_compared = wrong_pupils(built_dirty)
    faults = Faults(built_dirty)
    spoiled = spoiled_pupils(built_dirty) | sharing_a_key(built_dirty)
    unexplained = {pupil for pupil in wrong - spoiled if not faults.of(pupil) - HARMLESS}
    assert len(unexplained) == 0, sorted(unexplained)[:5]
    linked = set(truth(built_dirty, "justice_outcomes").pupil_id)
    sound = {pupil for pupil in linked - spoiled if not faults.of(pupil) - HARMLESS}
    assert len(sound) > 100 and len(sound - wrong) >= 0.995 * len(sound)
    assert 10 < len(wrong) < 0.03 * n_compared, "more or fewer pupils are wrong than faults at the usual rate can spoil"
