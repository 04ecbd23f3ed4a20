"""What of a whole England with the usual dirt is found as it was lived: for nearly every pupil all of it, and each miss has a planted cause.

The tests of the dirty world beside these ask what becomes of pupils whose facts are destroyed, and destroy many. Here nothing is excused: the shares are
of all pupils, all linked pupils, and all children whose social care rows carry a PMR. Run with ``-s`` to see them.
"""

from __future__ import annotations

import pandas as pd
import pytest
from conftest import Run
from test_justice_truth import DESTRUCTIVE, sharing_a_key, spoiled_pupils, truth, wrong_pupils
from test_justice_truth import rows as sanction_rows
from test_truth_education import misses, pupils_beyond_repair
from test_truth_social_care import HARMLESS, Faults, levels_and_days
from test_truth_timeline import wrong_pupils as wrong_stretches


@pytest.fixture(scope="module")
def faults(built_default: Run) -> Faults:
    return Faults(built_default)


@pytest.fixture(scope="module")
def social_care(built_default: Run, faults: Faults) -> pd.DataFrame:
    """One row per pupil: whether level and days of care are the true ones, and what the rows of the pupil's local ids carry."""
    pupils = levels_and_days(built_default)
    delivered = pd.concat([built_default.table(f"intermediate.int_{table}_rows_marked")[["pupil_id", "la_child_id"]] for table in ("cla", "cin")])
    without = set(delivered.la_child_id[delivered.pupil_id.isna()].dropna())
    return pupils.assign(rows_carry_a_pmr=[not faults.locals.get(pupil, set()) & without for pupil in pupils.index])


@pytest.fixture(scope="module")
def linked(built_default: Run) -> set[str]:
    """Pupils whose justice records are linked; whose link is ambiguous is kept aside by the project itself, and is none of them."""
    found = built_default.table("marts.justice_outcomes").set_index("pupil_id")
    everybody, aside = set(truth(built_default, "justice_outcomes").pupil_id), set(found.index[found.has_ambiguous_link.eq(True)])
    print(f"linked {len(everybody - aside)}, ambiguous {len(aside)}")
    assert len(everybody - aside) > 1_500 and len(aside) < 0.05 * len(everybody - aside)
    return everybody - aside


def test_nearly_every_child_of_social_care_has_the_true_level_and_days(social_care: pd.DataFrame, faults: Faults) -> None:
    table = {}
    for name, mine in (("rows carry a PMR", social_care[social_care.has_rows & social_care.rows_carry_a_pmr]), ("all with rows", social_care[social_care.has_rows]),
                       ("in care, rows carry a PMR", social_care[social_care.is_in_care & social_care.rows_carry_a_pmr]), ("all pupils", social_care)):
        table[name] = {"n": len(mine), "level": mine.has_true_level.mean(), "days": mine.has_true_days.mean()}
    table = pd.DataFrame(table).T
    print(table.to_string())
    assert table.n["rows carry a PMR"] > 5_000 and table.n["in care, rows carry a PMR"] > 500
    assert (table.level.drop("all with rows") >= 0.995).all() and (table.days >= 0.99).all()
    assert not social_care.has_true_level.all()
    wrong = social_care.index[~(social_care.has_true_level & social_care.has_true_days)]
    assert [pupil for pupil in wrong if not faults.of(pupil) - HARMLESS] == []


def test_nearly_every_pupil_has_every_true_outcome_of_education(built_default: Run) -> None:
    wrong = misses(built_default)
    print((1 - wrong.mean()).sort_values().head(8).to_string())
    assert len(wrong) > 50_000 and wrong.any(axis=None)
    assert (wrong.mean() <= 0.005).all()
    assert not set(wrong.index[wrong.any(axis=1)]) - pupils_beyond_repair(built_default)


def test_nearly_every_linked_pupil_has_every_true_outcome_of_justice(built_default: Run, linked: set[str]) -> None:
    wrong = wrong_pupils(built_default)
    mine = {name: len(pupils & linked) for name, pupils in wrong.items()}
    any_wrong = set().union(*wrong.values())
    print(f"wrong in any of the outcomes {len(any_wrong & linked)}", mine)
    assert len(any_wrong & linked) <= 0.005 * len(linked)
    # in a world this large some sentence of which neither code nor words are left was the worst of a pupil, or the only one
    assert any_wrong - spoiled_pupils(built_default, (*DESTRUCTIVE, "missing_disposal")) - sharing_a_key(built_default) == set()
    made, lived = (pd.Series(sanction_rows(table)).value_counts() for table in (built_default.table("marts.sanctions"), truth(built_default, "justice_sanctions")))
    differs = made.sub(lived, fill_value=0)
    differing = {text.split("|")[0] for text in differs.index[differs != 0]}
    assert len(differing & linked) <= 0.005 * len(linked)


def test_nearly_every_linked_pupil_has_every_true_stretch_at_risk(built_default: Run, linked: set[str], faults: Faults) -> None:
    wrong, n_compared = wrong_stretches(built_default)
    print(f"wrong {len(wrong & linked)} of the linked; all pupils {n_compared}, wrong {len(wrong)}")
    assert n_compared > 40_000
    assert len(wrong & linked) <= 0.005 * len(linked) and len(wrong) <= 0.005 * n_compared
    spoiled = spoiled_pupils(built_default) | sharing_a_key(built_default)
    assert [pupil for pupil in wrong - spoiled if not faults.of(pupil) - HARMLESS] == []
