{# One row per period in which a child was continuously in care.
   Grain: child_key, spell_start_date.   Population: cleaned episodes that count as care (respite does not, by default).
   Rule: an episode belongs to the running spell if it starts no more than var max_gap_days after the latest end so far;
   overlapping episodes are one spell, and no day counts twice. #}

with

episodes as (

    select child_key, pupil_id, episode_start_date, care_start_date, care_end_date
    from {{ ref('int_care_episodes') }}
    where is_care

),

reached as (

    -- how far the episodes before this one reach, whichever of them ended last
    select
        *,
        max(care_end_date) over (
            partition by child_key
            order by care_start_date nulls last, care_end_date nulls last, episode_start_date nulls last
            rows between unbounded preceding and 1 preceding
        ) as reached_date
    from episodes

),

numbered as (

    select
        *,
        sum(case when {{ dbt.datediff('reached_date', 'care_start_date', 'day') }} <= {{ var('max_gap_days') }} then 0 else 1 end) over (
            partition by child_key
            order by care_start_date nulls last, care_end_date nulls last, episode_start_date nulls last
            rows between unbounded preceding and current row
        ) as spell_number
    from reached

),

final as (

    select
        child_key,
        min(care_start_date) as spell_start_date,
        max(care_end_date) as spell_end_date,
        min(pupil_id) as pupil_id,
        cast({{ dbt.datediff('min(care_start_date)', 'max(care_end_date)', 'day') }} as bigint) as care_days,
        cast(count(*) as bigint) as n_episodes
    from numbered
    group by child_key, spell_number

)

select * from final
