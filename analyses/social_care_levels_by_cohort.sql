{# How many pupils of each birth cohort met each level of social care, and how much of their childhood could be seen.
   Reads: marts only.   Look at it with `dbt show --select social_care_levels_by_cohort --limit 40`. #}

with

pupils as (

    select pupil_id, cohort_academic_year from {{ ref('pupils') }}

),

exposures as (

    select * from {{ ref('social_care_exposures') }}

),

final as (

    select
        pupils.cohort_academic_year,
        count(*) as n_pupils,
        sum(case when exposures.social_care_level = 'no_contact' then 1 else 0 end) as n_no_contact,
        sum(case when exposures.social_care_level = 'referral_only' then 1 else 0 end) as n_referral_only,
        sum(case when exposures.social_care_level = 'child_in_need' then 1 else 0 end) as n_child_in_need,
        sum(case when exposures.social_care_level = 'child_protection_plan' then 1 else 0 end) as n_child_protection_plan,
        sum(case when exposures.social_care_level = 'child_looked_after' then 1 else 0 end) as n_child_looked_after,
        sum(case when exposures.social_care_level is null then 1 else 0 end) as n_level_not_known,
        max(exposures.n_childhood_years_cla_could_see) as childhood_years_cla_could_see,
        max(exposures.n_childhood_years_cin_could_see) as childhood_years_cin_could_see
    from pupils
    inner join exposures on pupils.pupil_id = exposures.pupil_id
    group by pupils.cohort_academic_year

)

select * from final
order by cohort_academic_year nulls last
