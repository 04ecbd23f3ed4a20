{# One row per pupil and return year with social care, and one for the whole childhood: what each reading of a definition says.
   Grain: pupil_id, return_year (NULL for the whole childhood).   Population: pupils with a cleaned care episode or a used row of the
   children in need census, in the return years in which they have one.
   Rule: the Data Explained, DfE's publications and the ECHILD cleaning code draw the same lines in different places; here side by side. #}

with

need_rows as (

    select
        pupil_id,
        -- a return after childhood, which closes a referral of childhood, tells of no year of it
        case when childhood_end_date <= {{ return_year_first_day('return_year') }} then null else return_year end as return_year,
        is_in_need_31_march_in_childhood,
        is_no_further_action,
        has_category_of_abuse,
        n_previous_plans,
        plan_start_date,
        plan_end_date,
        is_in_need_31_march_in_childhood
            and case
                when plan_start_date is null and plan_end_date is null then has_category_of_abuse
                else coalesce(plan_start_date <= return_year_last_date, true) and coalesce(plan_end_date > return_year_last_date, true)
            end as is_on_plan_31_march
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
        {{ childhood_end_date('notional_birth_date') }} as childhood_end_date,
        case when is_no_further_action or reason_for_closure_code = 'RC8' then 0 else 1 end as is_need
    from {{ ref('int_need_episodes') }}
    where pupil_id is not null

),

episodes as (

    select pupil_id, return_year, care_start_date, care_end_date, is_open, is_respite, is_care
    from {{ ref('int_care_episodes') }}
    where pupil_id is not null

),

need_years as (

    -- every return year that a referral of need runs through
    select
        referrals.pupil_id,
        case when referrals.childhood_end_date <= return_years.first_date then null else return_years.return_year end as return_year
    from referrals
    inner join return_years
        on return_years.return_year >= referrals.first_return_year
        and return_years.return_year <= referrals.last_return_year
    where referrals.is_need = 1

),

care_years as (

    -- a year counts if its return holds the episode or the episode reaches its 1 April
    select
        episodes.pupil_id,
        return_years.return_year,
        episodes.is_care,
        episodes.is_respite,
        episodes.care_start_date <= return_years.last_date
            and (episodes.care_end_date > return_years.last_date
                or (episodes.is_open and episodes.care_end_date = return_years.last_date)) as is_31_march
    from episodes
    inner join return_years
        on return_years.return_year = episodes.return_year
        or (episodes.care_start_date <= return_years.last_date and episodes.care_end_date >= return_years.first_date)

),

{# What a row of each kind shows; what it does not name it does not show. -#}
{% set marks = [
    'has_cin_row', 'is_plan_a', 'is_plan_b', 'is_plan_c', 'is_plan_31_march', 'is_need_31_march', 'is_nfa', 'is_need_echild',
    'is_care_or_respite', 'is_care', 'is_care_not_respite', 'is_care_31_march',
] -%}
{% set shown_by = {
    'need_rows': {
        'has_cin_row': 'true',
        'is_plan_a': 'has_category_of_abuse',
        'is_plan_b': 'n_previous_plans >= 1',
        'is_plan_c': 'plan_start_date is not null or plan_end_date is not null',
        'is_plan_31_march': 'is_on_plan_31_march',
        'is_need_31_march': 'is_in_need_31_march_in_childhood',
        'is_nfa': 'is_no_further_action',
    },
    'need_years': {'has_cin_row': 'true', 'is_need_echild': 'true'},
    'care_years': {
        'is_care_or_respite': 'true',
        'is_care': 'is_care',
        'is_care_not_respite': 'not is_respite',
        'is_care_31_march': 'not is_respite and is_31_march',
    },
} -%}
parts as (

    {% for rows, shown in shown_by.items() -%}
    select
        pupil_id,
        return_year,
        {% for mark in marks -%}
        case when {{ shown.get(mark, 'false') }} then 1 else 0 end as {{ mark }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ rows }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

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

    select * from by_year where return_year is not null
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
        {% for reading, (care, plan, need) in {
            'project': ('is_care = 1', 'is_plan_a + is_plan_b + is_plan_c > 0', 'is_need_31_march = 1'),
            'data_explained': ('is_care_or_respite = 1', 'is_plan_a + is_plan_b > 0', 'is_need_31_march = 1'),
            'dfe': ('is_care_31_march = 1', 'is_plan_31_march = 1', 'is_need_31_march = 1'),
            'echild': ('is_care_not_respite = 1', 'is_plan_a + is_plan_c > 0', 'is_need_echild = 1'),
        }.items() -%}
        {{ highest_level_where(contact='has_cin_row = 1', need=need, plan=plan, care=care, no_contact='true') }} as level_of_{{ reading }}{{ ',' if not loop.last }}
        {% endfor %}
    from both_spans
    cross join plan_dates

)

select * from final
