{# The pupils of each school year of birth, against the sum of the answers of quality_follow_up; and its events against the stretches. #}
with

pupils as (

    select cohort_academic_year, count(*) as n_pupils from {{ ref('pupils') }} group by cohort_academic_year

),

answers as (

    select cohort_academic_year, sum(n_pupils) as n_pupils, sum(n_events) as n_events
    from {{ ref('quality_follow_up') }}
    group by cohort_academic_year

),

events as (

    select cohort_academic_year, sum(case when is_event then 1 else 0 end) as n_events
    from {{ ref('at_risk_spells') }}
    group by cohort_academic_year

)

select answers.cohort_academic_year, answers.n_pupils, pupils.n_pupils as n_pupils_of_mart
from answers
left join pupils on answers.cohort_academic_year is not distinct from pupils.cohort_academic_year
left join events on answers.cohort_academic_year is not distinct from events.cohort_academic_year
where answers.n_pupils is distinct from pupils.n_pupils
    or answers.n_events <> coalesce(events.n_events, 0)
