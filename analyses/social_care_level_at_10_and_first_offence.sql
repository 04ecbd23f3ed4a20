{# The level of social care known at the 10th birthday, when a child becomes criminally responsible, and on the day before the first
   sanctioned offence, by the highest level ever reached. The same macro gives the level on any day. Whether there was such an offence
   is not known where no sanctions were supplied, or where records lie aside that may be the pupil's or another's.
   Reads: marts only.   Look at it with `dbt show --select social_care_level_at_10_and_first_offence --limit 60`. #}

with

pupils as (

    select pupil_id, notional_birth_date from {{ ref('pupils') }}

),

exposures as (

    select * from {{ ref('social_care_exposures') }}

),

offences as (

    select
        pupil_id,
        case when has_ambiguous_link then null else n_sanctions end as n_sanctions,
        cast({{ dbt.dateadd('day', -1, 'first_offence_date') }} as date) as day_before_date
    from {{ ref('justice_outcomes') }}

),

levels as (

    select
        exposures.social_care_level as level_ever,
        {{ social_care_level_on(birthday('pupils.notional_birth_date', 10), 'exposures') }} as level_at_10,
        case
            when offences.n_sanctions is null then 'not_known'
            when offences.n_sanctions = 0 then 'no_offence'
            else {{ social_care_level_on('offences.day_before_date', 'exposures') }}
        end as level_before_first_offence
    from pupils
    inner join exposures on pupils.pupil_id = exposures.pupil_id
    left join offences on pupils.pupil_id = offences.pupil_id

),

final as (

    select level_ever, level_at_10, level_before_first_offence, count(*) as n_pupils
    from levels
    group by level_ever, level_at_10, level_before_first_offence

)

select * from final
order by level_ever nulls last, level_at_10 nulls last, level_before_first_offence nulls last
