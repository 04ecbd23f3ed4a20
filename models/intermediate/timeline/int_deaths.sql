{# One row per pupil who died in care.
   Grain: pupil_id.   Population: pupils with a cleaned episode of care that ended by death (reason ceased E2).
   Rule: the last such day, and only where no episode begins after it, for then the reason is a slip. Deaths of pupils who are
   not in care are in no table. #}

with

episodes as (

    select pupil_id, episode_start_date, episode_end_date, reason_ceased_code
    from {{ ref('int_care_episodes') }}
    where pupil_id is not null

),

ends as (

    select
        pupil_id,
        max(case when reason_ceased_code = 'E2' then episode_end_date end) as death_date,
        max(episode_start_date) as last_start_date
    from episodes
    group by pupil_id

),

final as (

    select pupil_id, death_date
    from ends
    where death_date >= last_start_date

)

select * from final
