{# One row per pupil and return year with social care, and one for the whole childhood: what each reading of a definition says.
   Grain: pupil_id, return_year (NULL for the whole childhood).   Population: pupils with a cleaned care episode or a used row of the
   children in need census, in the return years in which they have one.
   Rule: the Data Explained, DfE's publications and the ECHILD cleaning code draw the same lines in different places; here side by side. #}

with

need_rows as (

    select
        pupil_id,
        return_year,
        is_in_need_31_march_in_childhood,
        is_no_further_action,
        has_category_of_abuse,
        n_previous_plans,
        plan_start_date,
        plan_end_date,
        return_year_last_date
    from {{ ref('int_cin_rows_marked') }}
    where ledger_rule_id = 'used'

),

plan_dates as (

    select max(case when plan_start_date is not null or plan_end_date is not null then 1 else 0 end) as are_delivered
    from {{ ref('int_cin_rows_marked') }}

),

return_years as (

    select distinct
        return_year,
        {{ return_year_first_day('return_year') }} as first_date,
        {{ return_year_last_day('return_year') }} as last_date
    from {{ ref('int_social_care_return_years') }}

),

referrals as (

    select
        pupil_id,
        first_return_year,
        last_return_year,
        case when is_no_further_action or reason_for_closure_code = 'RC8' then 0 else 1 end as is_need
    from {{ ref('int_need_episodes') }}
    where pupil_id is not null

),

episodes as (

    select pupil_id, return_year, care_start_date, care_end_date, is_open, is_respite, is_care
    from {{ ref('int_care_episodes') }}
    where pupil_id is not null

),

parts as (

    select
        pupil_id,
        return_year,
        1 as has_cin_row,
        case when has_category_of_abuse then 1 else 0 end as is_plan_a,
        case when n_previous_plans >= 1 then 1 else 0 end as is_plan_b,
        case when plan_start_date is not null or plan_end_date is not null then 1 else 0 end as is_plan_c,
        case
            when is_in_need_31_march_in_childhood
                and case
                    when plan_start_date is null and plan_end_date is null then has_category_of_abuse
                    else coalesce(plan_start_date <= return_year_last_date, true) and coalesce(plan_end_date > return_year_last_date, true)
                end then 1 else 0
        end as is_plan_31_march,
        case when is_in_need_31_march_in_childhood then 1 else 0 end as is_need_31_march,
        case when is_no_further_action then 1 else 0 end as is_nfa,
        0 as is_need_echild,
        0 as is_care_or_respite,
        0 as is_care,
        0 as is_care_not_respite,
        0 as is_care_31_march
    from need_rows
    union all
    select
        referrals.pupil_id, return_years.return_year,
        1, 0, 0, 0, 0, 0, 0, referrals.is_need, 0, 0, 0, 0
    from referrals
    inner join return_years
        on return_years.return_year >= referrals.first_return_year
        and return_years.return_year <= referrals.last_return_year
    where referrals.is_need = 1
    union all
    select
        episodes.pupil_id, return_years.return_year,
        0, 0, 0, 0, 0, 0, 0, 0,
        1,
        case when episodes.is_care then 1 else 0 end,
        case when episodes.is_respite then 0 else 1 end,
        case
            when not episodes.is_respite
                and episodes.care_start_date <= return_years.last_date
                and (episodes.care_end_date > return_years.last_date
                    or (episodes.is_open and episodes.care_end_date = return_years.last_date)) then 1 else 0
        end
    from episodes
    inner join return_years
        -- the return that holds it, and every other that it touches
        on return_years.return_year = episodes.return_year
        or (episodes.care_start_date <= return_years.last_date and episodes.care_end_date >= return_years.first_date)

),

{% set marks = [
    'has_cin_row', 'is_plan_a', 'is_plan_b', 'is_plan_c', 'is_plan_31_march', 'is_need_31_march', 'is_nfa', 'is_need_echild',
    'is_care_or_respite', 'is_care', 'is_care_not_respite', 'is_care_31_march',
] -%}
by_year as (

    select
        pupil_id,
        return_year,
        {% for mark in marks -%}
        max({{ mark }}) as {{ mark }}{{ ',' if not loop.last }}
        {% endfor %}
    from parts
    group by pupil_id, return_year

),

ever as (

    select
        pupil_id,
        cast(null as integer) as return_year,
        {% for mark in marks -%}
        max({{ mark }}) as {{ mark }}{{ ',' if not loop.last }}
        {% endfor %}
    from by_year
    group by pupil_id

),

both_spans as (

    select * from by_year
    union all
    select * from ever

),

final as (

    select
        both_spans.pupil_id,
        both_spans.return_year,
        both_spans.has_cin_row = 1 as has_cin_row,
        both_spans.is_plan_a = 1 as cpp_by_category_of_abuse,
        both_spans.is_plan_b = 1 as cpp_by_previous_plans,
        case when plan_dates.are_delivered = 1 then both_spans.is_plan_c = 1 end as cpp_by_plan_dates,
        both_spans.has_cin_row = 1 and both_spans.is_plan_a + both_spans.is_plan_b + both_spans.is_plan_c + both_spans.is_care = 0
            as is_without_plan_or_care,
        both_spans.is_need_31_march = 0 as referral_only_by_31_march,
        both_spans.is_nfa = 1 as referral_only_by_nfa,
        both_spans.is_need_echild = 0 as referral_only_by_nfa_or_rc8,
        case
            when both_spans.is_care = 1 then 'child_looked_after'
            when both_spans.is_plan_a + both_spans.is_plan_b + both_spans.is_plan_c > 0 then 'child_protection_plan'
            when both_spans.is_need_31_march = 1 then 'child_in_need'
            when both_spans.has_cin_row = 1 then 'referral_only'
            else 'no_contact'
        end as level_of_project,
        case
            when both_spans.is_care_or_respite = 1 then 'child_looked_after'
            when both_spans.is_plan_a + both_spans.is_plan_b > 0 then 'child_protection_plan'
            when both_spans.is_need_31_march = 1 then 'child_in_need'
            when both_spans.has_cin_row = 1 then 'referral_only'
            else 'no_contact'
        end as level_of_data_explained,
        case
            when both_spans.is_care_31_march = 1 then 'child_looked_after'
            when both_spans.is_plan_31_march = 1 then 'child_protection_plan'
            when both_spans.is_need_31_march = 1 then 'child_in_need'
            when both_spans.has_cin_row = 1 then 'referral_only'
            else 'no_contact'
        end as level_of_dfe,
        case
            when both_spans.is_care_not_respite = 1 then 'child_looked_after'
            when both_spans.is_plan_a + both_spans.is_plan_c > 0 then 'child_protection_plan'
            when both_spans.is_need_echild = 1 then 'child_in_need'
            when both_spans.has_cin_row = 1 then 'referral_only'
            else 'no_contact'
        end as level_of_echild
    from both_spans
    cross join plan_dates

)

select * from final
