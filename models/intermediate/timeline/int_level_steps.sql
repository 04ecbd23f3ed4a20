{# One row per pupil and level of social care that was, when it became known, the highest so far.
   Grain: pupil_id, level_rank.   Population: pupils with any level above no contact.
   Rule: a level holds from the day after it was sure, so that nothing is known before it could be, and a contact made on the
   day of an offence does not count as one before it. A level reached after a higher one is no step. #}

with

changes as (

    select pupil_id, level, level_rank, confirmed_date from {{ ref('int_social_care_level_changes') }}

),

compared as (

    select
        changes.pupil_id,
        changes.level,
        changes.level_rank,
        changes.confirmed_date,
        min(higher.confirmed_date) as higher_date
    from changes
    left join changes as higher on changes.pupil_id = higher.pupil_id and higher.level_rank > changes.level_rank
    group by changes.pupil_id, changes.level, changes.level_rank, changes.confirmed_date

),

final as (

    select
        pupil_id,
        level_rank,
        level,
        cast({{ dbt.dateadd('day', 1, 'confirmed_date') }} as date) as from_date
    from compared
    where higher_date is null or higher_date > confirmed_date

)

select * from final
