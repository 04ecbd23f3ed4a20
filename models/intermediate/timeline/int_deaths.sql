{# One row per pupil who died in care.
   Grain: pupil_id.   Population: pupils with a cleaned episode of care that ended by death (reason ceased E2).
   Rule: the last such day, and only where no other episode begins on or after it or ends later, for then the reason is a slip.
   Deaths of pupils who are not in care are in no table. #}

with

episodes as (

    select
        episodes.pupil_id,
        episodes.episode_start_date,
        episodes.episode_end_date,
        coalesce(reasons.code_group = 'died', false) as is_death
    from {{ ref('int_care_episodes') }} as episodes
    left join {{ ref('cla_reason_ceased') }} as reasons on episodes.reason_ceased_code = reasons.code
    where episodes.pupil_id is not null

),

deaths as (

    select pupil_id, max(episode_end_date) as death_date
    from episodes
    where is_death and episode_end_date is not null
    group by pupil_id

),

contradicted as (

    select distinct deaths.pupil_id
    from deaths
    inner join episodes
        on deaths.pupil_id = episodes.pupil_id
        and (episodes.episode_start_date >= deaths.death_date or episodes.episode_end_date > deaths.death_date)
    where not episodes.is_death or episodes.episode_end_date <> deaths.death_date

),

final as (

    select deaths.pupil_id, deaths.death_date
    from deaths
    left join contradicted on deaths.pupil_id = contradicted.pupil_id
    where contradicted.pupil_id is null

)

select * from final
