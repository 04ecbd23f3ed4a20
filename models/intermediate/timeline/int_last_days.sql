{# One row per pupil who died in care or moved abroad from it: the last day on which the pupil is followed, and which it was.
   Grain: pupil_id.   Population: pupils with a cleaned episode of care that ended by death (reason ceased E2) or a move abroad (E16).
   Rule: the last such day, and only where no other episode begins on or after it or ends later, for then the reason is a slip,
   or the child came back. Deaths and moves of pupils who are not in care are in no table. #}

with

episodes as (

    select
        episodes.pupil_id,
        episodes.episode_start_date,
        episodes.episode_end_date,
        case reasons.code_group when 'died' then 'death' when 'moved_abroad' then 'moved_abroad' end as last_kind
    from {{ ref('int_care_episodes') }} as episodes
    left join {{ ref('cla_reason_ceased') }} as reasons on episodes.reason_ceased_code = reasons.code
    where episodes.pupil_id is not null

),

last_episodes as (

    select pupil_id, max(episode_end_date) as last_date
    from episodes
    where last_kind is not null and episode_end_date is not null
    group by pupil_id

),

contradicted as (

    select distinct last_episodes.pupil_id
    from last_episodes
    inner join episodes
        on last_episodes.pupil_id = episodes.pupil_id
        and (episodes.episode_start_date >= last_episodes.last_date or episodes.episode_end_date > last_episodes.last_date)
    where episodes.last_kind is null or episodes.episode_end_date <> last_episodes.last_date

),

final as (

    -- of both on one day death counts, the first in the alphabet
    select last_episodes.pupil_id, last_episodes.last_date, min(episodes.last_kind) as last_kind
    from last_episodes
    inner join episodes
        on last_episodes.pupil_id = episodes.pupil_id
        and last_episodes.last_date = episodes.episode_end_date
    left join contradicted on last_episodes.pupil_id = contradicted.pupil_id
    where contradicted.pupil_id is null
    group by last_episodes.pupil_id, last_episodes.last_date

)

select * from final
