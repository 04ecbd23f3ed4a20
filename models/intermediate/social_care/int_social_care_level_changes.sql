{# One row per pupil and level of social care reached: the first day on which it was known, with nothing that happened later.
   Grain: pupil_id, level.   Population: pupils with a spell of care or a used row of the children in need census.
   Rule: care begins with its first spell; a plan with its start; need and contact with the referral. Where that day was not
   delivered it is the 31 March that ends the return year, and never later than the last day of childhood. #}

with

need_rows as (

    select
        pupil_id,
        referral_date,
        plan_start_date,
        plan_end_date,
        is_in_need_31_march_in_childhood,
        has_category_of_abuse or coalesce(n_previous_plans >= 1, false)
        or plan_start_date is not null or plan_end_date is not null as has_plan,
        childhood_first_date,
        return_year_last_date,
        -- the last day on which the row can tell of childhood
        case
            when childhood_end_date <= return_year_last_date then cast({{ dbt.dateadd('day', -1, 'childhood_end_date') }} as date)
            else return_year_last_date
        end as latest_date
    from {{ ref('int_cin_rows_marked') }}
    where ledger_rule_id = 'used'

),

events as (

    select pupil_id, 'referral_only' as level, referral_date as event_date, childhood_first_date, latest_date, latest_date as sure_date
    from need_rows
    union all
    select pupil_id, 'child_in_need' as level, referral_date as event_date, childhood_first_date, latest_date, latest_date as sure_date
    from need_rows
    where is_in_need_31_march_in_childhood
    union all
    select
        pupil_id, 'child_protection_plan' as level, coalesce(plan_start_date, plan_end_date) as event_date,
        childhood_first_date, latest_date, latest_date as sure_date
    from need_rows
    where has_plan

),

believed as (

    select
        pupil_id,
        level,
        case when event_date > latest_date or event_date < childhood_first_date then null else event_date end as event_date,
        latest_date,
        sure_date
    from events

),

dated as (

    -- first_day is the date where it was delivered, empty where the end of the return year stands in for it
    select pupil_id, level, coalesce(event_date, latest_date) as first_known_date, event_date as first_day, sure_date
    from believed
    union all
    select pupil_id, 'child_looked_after' as level, spell_start_date as first_known_date, spell_start_date as first_day, spell_start_date as sure_date
    from {{ ref('int_care_spells') }}
    where pupil_id is not null

),

first_dates as (

    -- the earliest day, and of two alike the more precise
    select
        pupil_id,
        level,
        min(first_known_date) as first_known_date,
        case when min(first_day) = min(first_known_date) then 'day' else 'return_year' end as date_precision,
        min(sure_date) as sure_date
    from dated
    group by pupil_id, level

),

levels as (

    select level, rank from {{ ref('social_care_levels') }}

),

final as (

    select
        first_dates.pupil_id,
        first_dates.level,
        levels.rank as level_rank,
        first_dates.first_known_date,
        first_dates.date_precision,
        -- a day that stands for a return year is its last
        case
            when first_dates.date_precision = 'return_year' then {{ return_year_first_day(return_year_of('first_dates.first_known_date')) }}
            else first_dates.first_known_date
        end as earliest_date,
        -- whether a referral was one of a child in need is decided on the 31 March; other levels are sure when they begin
        case when first_dates.level = 'child_in_need' then first_dates.sure_date else first_dates.first_known_date end as confirmed_date
    from first_dates
    inner join levels on first_dates.level = levels.level

)

select * from final
