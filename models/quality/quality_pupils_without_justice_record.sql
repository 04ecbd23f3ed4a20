{# One row per school year of birth: pupils with and without a record in the justice tables.
   Grain: cohort_academic_year.   Population: every pupil of `pupils`. #}

with

pupils as (

    select pupil_id, cohort_academic_year from {{ ref('pupils') }}

),

outcomes as (

    select pupil_id, is_linked_to_justice, has_ambiguous_link, n_sanctions, follow_up_years from {{ ref('justice_outcomes') }}

),

recorded as (

    select pupil_id from {{ ref('int_moj_uids_resolved') }}
    where pupil_id is not null and (is_in_pnc or is_in_courts or is_in_prisons)
    union
    -- a row of the PNC without a person key still names its pupil
    select pupil_id from {{ ref('int_pnc_rows_marked') }}
    where moj_uid is null and pupil_id is not null

),

final as (

    select
        pupils.cohort_academic_year,
        cast(count(*) as bigint) as n_pupils,
        cast(sum(case when outcomes.is_linked_to_justice then 1 else 0 end) as bigint) as n_pupils_linked,
        cast(sum(case when recorded.pupil_id is not null then 1 else 0 end) as bigint) as n_pupils_with_record,
        cast(sum(case when recorded.pupil_id is null then 1 else 0 end) as bigint) as n_pupils_without_record,
        cast(sum(case when outcomes.is_linked_to_justice and recorded.pupil_id is null then 1 else 0 end) as bigint) as n_pupils_linked_without_record,
        cast(sum(case when outcomes.has_ambiguous_link then 1 else 0 end) as bigint) as n_pupils_with_ambiguous_link,
        cast(sum(case when outcomes.n_sanctions > 0 then 1 else 0 end) as bigint) as n_pupils_sanctioned,
        {{ round_half_up('avg(outcomes.follow_up_years)', 2) }} as mean_follow_up_years
    from pupils
    left join outcomes on pupils.pupil_id = outcomes.pupil_id
    left join recorded on pupils.pupil_id = recorded.pupil_id
    group by pupils.cohort_academic_year

)

select * from final
