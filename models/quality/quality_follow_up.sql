{# One row per school year of birth and answer of follow_up: pupils who can be followed for a first sanction, and left out by reason.
   Grain: cohort_academic_year, follow_up_status.   Population: every pupil of `pupils`, each once. #}

with

pupils as (

    select pupil_id, cohort_academic_year from {{ ref('pupils') }}

),

follow_up as (

    select pupil_id, follow_up_status, event_date from {{ ref('follow_up') }}

),

outcomes as (

    select pupil_id, n_sanctions from {{ ref('justice_outcomes') }}

),

final as (

    select
        pupils.cohort_academic_year,
        follow_up.follow_up_status,
        cast(count(*) as bigint) as n_pupils,
        cast(sum(case when outcomes.n_sanctions > 0 then 1 else 0 end) as bigint) as n_sanctioned,
        cast(sum(case when follow_up.event_date is not null then 1 else 0 end) as bigint) as n_events
    from pupils
    left join follow_up on pupils.pupil_id = follow_up.pupil_id
    left join outcomes on pupils.pupil_id = outcomes.pupil_id
    group by pupils.cohort_academic_year, follow_up.follow_up_status

)

select * from final
