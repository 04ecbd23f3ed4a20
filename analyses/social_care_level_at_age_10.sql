{# The level of social care known at the 10th birthday, when a child becomes criminally responsible, by the highest level ever reached.
   The last day before first offence is asked in the same way: put that date in place of the birthday.
   Reads: marts only.   Look at it with `dbt show --select social_care_level_at_age_10 --limit 40`. #}

with

pupils as (

    select pupil_id, notional_birth_date from {{ ref('pupils') }}

),

exposures as (

    select * from {{ ref('social_care_exposures') }}

),

levels as (

    select
        exposures.social_care_level as level_ever,
        {{ social_care_level_on(birthday('pupils.notional_birth_date', 10), 'exposures') }} as level_at_10
    from pupils
    inner join exposures on pupils.pupil_id = exposures.pupil_id

),

final as (

    select level_ever, level_at_10, count(*) as n_pupils
    from levels
    group by level_ever, level_at_10

)

select * from final
order by level_ever nulls last, level_at_10 nulls last
