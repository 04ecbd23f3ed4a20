{# One row per pupil and school year with social care: the level of that year, and days in care, on plans and in need.
   Grain: pupil_id, academic_year_end.   Population: pupils with a spell of care or a used row of the children in need census.
   Rule: a dated time counts in every school year that it touches; what is known for a return year only counts on its 31 March. #}

with

care as (

    select pupil_id, spell_start_date as start_date, spell_end_date as end_date
    from {{ ref('int_care_spells') }}
    where pupil_id is not null

),

need as (

    select pupil_id, spell_kind, spell_start_date as start_date, spell_end_date as end_date
    from {{ ref('int_need_spells') }}
    where pupil_id is not null

),

referrals as (

    select pupil_id, referral_date as start_date, end_date
    from {{ ref('int_need_episodes') }}
    where pupil_id is not null and referral_date is not null

),

years as (

    select academic_year_end, first_date, next_first_date from {{ ref('int_academic_years') }}

),

times as (

    select pupil_id, 4 as level_rank, start_date, end_date from care
    union all
    select pupil_id, case spell_kind when 'plan' then 3 else 2 end as level_rank, start_date, end_date from need
    union all
    select pupil_id, 1 as level_rank, start_date, end_date from referrals

),

in_years as (

    select
        times.pupil_id,
        years.academic_year_end,
        times.level_rank,
        case when times.start_date > years.first_date then times.start_date else years.first_date end as from_date,
        case when times.end_date < years.next_first_date then times.end_date else years.next_first_date end as to_date
    from times
    inner join years
        on times.start_date < years.next_first_date
        and (times.end_date > years.first_date or times.start_date >= years.first_date)

),

march_days as (

    -- need on a 31 March, and rows without the dates that would place them
    select
        pupil_id,
        case
            when childhood_end_date <= return_year_last_date then cast({{ dbt.dateadd('day', -1, 'childhood_end_date') }} as date)
            else return_year_last_date
        end as day,
        case
            when plan_start_date is null and plan_end_date is null and (has_category_of_abuse or n_previous_plans >= 1) then 3
            when is_in_need_31_march_in_childhood then 2
            when referral_date is null then 1
            else 0
        end as level_rank
    from {{ ref('int_cin_rows_marked') }}
    where ledger_rule_id = 'used'

),

facts as (

    select
        pupil_id,
        academic_year_end,
        level_rank,
        case when to_date > from_date then {{ dbt.datediff('from_date', 'to_date', 'day') }} else 0 end as days
    from in_years
    union all
    select pupil_id, {{ school_year_end_of('day') }} as academic_year_end, level_rank, 0 as days
    from march_days
    where level_rank > 0
    union all
    -- of a plan without a start its last day alone is known
    select pupil_id, {{ school_year_end_of('plan_end_date') }} as academic_year_end, 3 as level_rank, 0 as days
    from {{ ref('int_cin_rows_marked') }}
    where ledger_rule_id = 'used' and plan_start_date is null and plan_end_date is not null
        and coalesce(plan_end_date >= childhood_first_date and plan_end_date < childhood_end_date, true)

),

final as (

    select
        pupil_id,
        academic_year_end,
        max(level_rank) as level_rank,
        cast(sum(case when level_rank = 4 then days else 0 end) as smallint) as days_in_care,
        cast(sum(case when level_rank = 3 then days else 0 end) as smallint) as days_on_plan,
        cast(sum(case when level_rank = 2 then days else 0 end) as smallint) as days_in_need
    from facts
    group by pupil_id, academic_year_end

)

select * from final
