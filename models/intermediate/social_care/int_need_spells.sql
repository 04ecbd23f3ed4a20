{# One row per time that a child was continuously in need, or on child protection plans.
   Grain: child_key, spell_kind, spell_start_date.   Population: dated referrals that were in need on a 31 March, and dated plans.
   Rule: times that overlap or touch are one, and no day counts twice. #}

with

times as (

    select child_key, pupil_id, 'need' as spell_kind, referral_date as start_date, end_date, is_open
    from {{ ref('int_need_episodes') }}
    where n_years_in_need > 0 and referral_date is not null
    union all
    select child_key, pupil_id, 'plan' as spell_kind, counted_from_date as start_date, counted_to_date as end_date, is_open
    from {{ ref('int_protection_plans') }}
    where plan_days is not null

),

reached as (

    select
        *,
        max(end_date) over (
            partition by child_key, spell_kind
            order by start_date nulls last, end_date nulls last
            rows between unbounded preceding and 1 preceding
        ) as reached_date
    from times

),

numbered as (

    select
        *,
        sum(case when start_date <= reached_date then 0 else 1 end) over (
            partition by child_key, spell_kind
            order by start_date nulls last, end_date nulls last
            rows between unbounded preceding and current row
        ) as spell_number
    from reached

),

spells as (

    select
        child_key,
        spell_kind,
        min(start_date) as spell_start_date,
        max(end_date) as spell_end_date,
        min(pupil_id) as pupil_id,
        max(case when is_open then 1 else 0 end) = 1 as has_open_part,
        coalesce(max(case when is_open then end_date end) = max(end_date), false) as is_open_at_end
    from numbered
    group by child_key, spell_kind, spell_number

),

final as (

    select *, cast({{ dbt.datediff('spell_start_date', 'spell_end_date', 'day') }} as integer) as spell_days
    from spells

)

select * from final
