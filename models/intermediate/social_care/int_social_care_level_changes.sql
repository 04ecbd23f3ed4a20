{# One row per pupil and level of social care reached: the first day on which it was known, with nothing that happened later.
   Grain: pupil_id, level.   Population: pupils with a spell of care or a used row of the children in need census.
   Rule: care begins with its first spell; a plan with its start; need and contact with the referral. Where that day was not
   delivered it is the end of the plan, or the 31 March that ends the return year, and never later than the last day of childhood;
   the level may then have begun from the 1 April before on, a plan not before its own referral. Where the first plan known is said
   to follow earlier ones, the level was reached on an unknown day of childhood before it. #}

with

need_rows as (

    select
        pupil_id,
        referral_date,
        plan_start_date,
        plan_end_date,
        n_previous_plans,
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

    -- of a plan without a start the end is known
    select
        pupil_id, 'referral_only' as level, referral_date as event_date, cast(null as date) as stand_in_date, referral_date,
        cast(null as integer) as n_previous_plans, childhood_first_date, latest_date
    from need_rows
    union all
    select
        pupil_id, 'child_in_need' as level, referral_date as event_date, cast(null as date) as stand_in_date, referral_date,
        cast(null as integer) as n_previous_plans, childhood_first_date, latest_date
    from need_rows
    where is_in_need_31_march_in_childhood
    union all
    select
        pupil_id, 'child_protection_plan' as level, plan_start_date as event_date,
        case when plan_start_date is null then plan_end_date end as stand_in_date, referral_date,
        n_previous_plans, childhood_first_date, latest_date
    from need_rows
    where has_plan

),

believed as (

    select
        pupil_id,
        level,
        case when event_date > latest_date or event_date < childhood_first_date then null else event_date end as first_day,
        case when stand_in_date > latest_date or stand_in_date < childhood_first_date then null else stand_in_date end as stand_in_date,
        referral_date,
        n_previous_plans,
        -- a child whose birth is not known was one at most for the years of childhood
        coalesce(childhood_first_date, cast({{ dbt.dateadd('year', -var('childhood_end_age'), 'latest_date') }} as date)) as childhood_first_date,
        latest_date
    from events

),

known as (

    select *, coalesce(first_day, stand_in_date, latest_date) as first_known_date
    from believed

),

dated as (

    -- first_day is the date where it was delivered, empty where another day stands for it
    select
        pupil_id,
        level,
        first_known_date,
        first_day,
        case
            when first_day is not null then first_day
            when referral_date > {{ return_year_first_day(return_year_of('first_known_date')) }} and referral_date <= first_known_date then referral_date
            else {{ return_year_first_day(return_year_of('first_known_date')) }}
        end as earliest_date,
        n_previous_plans,
        childhood_first_date,
        latest_date as sure_date
    from known
    union all
    select
        pupil_id, 'child_looked_after' as level, spell_start_date as first_known_date, spell_start_date as first_day,
        spell_start_date as earliest_date, cast(null as integer) as n_previous_plans, cast(null as date) as childhood_first_date,
        spell_start_date as sure_date
    from {{ ref('int_care_spells') }}
    where pupil_id is not null

),

compared as (

    select
        *,
        min(first_known_date) over (partition by pupil_id, level) as first_date_of_level,
        min(sure_date) over (partition by pupil_id, level) as first_sure_date
    from dated

),

first_dates as (

    -- the earliest day, and of two alike the more precise; earlier plans are told of where every row of that day that counts them has one
    select
        pupil_id,
        level,
        first_known_date,
        case
            when min(n_previous_plans) >= 1 then 'no_later_than'
            when min(first_day) is not null then 'day'
            else 'return_year'
        end as date_precision,
        case
            when min(n_previous_plans) >= 1 then min(childhood_first_date)
            else coalesce(min(first_day), min(earliest_date))
        end as earliest_date,
        min(first_sure_date) as sure_date
    from compared
    where first_known_date = first_date_of_level
    group by pupil_id, level, first_known_date

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
        first_dates.earliest_date,
        -- whether a referral was one of a child in need is decided on the 31 March; other levels are sure when they begin
        case when first_dates.level = 'child_in_need' then first_dates.sure_date else first_dates.first_known_date end as confirmed_date
    from first_dates
    inner join levels on first_dates.level = levels.level

)

select * from final
