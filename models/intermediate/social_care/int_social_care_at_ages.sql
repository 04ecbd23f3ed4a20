{# One row per pupil with social care: whether in care, on a plan or in need at the 16th birthday and on the last day of childhood.
   Grain: pupil_id.   Population: pupils with a known birth and a spell of care or a used row of the children in need census.
   Rule: a dated time tells of the day itself; without dates, the last 31 March on or before the day tells. #}

{%- set ages = {'16': birthday('notional_birth_date', 16), '18': 'cast(' ~ dbt.dateadd('day', -1, birthday('notional_birth_date', 18)) ~ ' as date)'} %}

with

births as (

    select child_key as pupil_id, notional_birth_date
    from {{ ref('int_child_attributes_resolved') }}
    where notional_birth_date is not null

),

care as (

    -- what was still running on the 31 March to which it was seen held on that day, too
    select
        pupil_id,
        'care' as state,
        spell_start_date as start_date,
        case when is_open then cast({{ dbt.dateadd('day', 1, 'spell_end_date') }} as date) else spell_end_date end as end_date
    from {{ ref('int_care_spells_described') }}
    where pupil_id is not null

),

need as (

    select
        pupil_id,
        spell_kind as state,
        spell_start_date as start_date,
        case when is_open_at_end then cast({{ dbt.dateadd('day', 1, 'spell_end_date') }} as date) else spell_end_date end as end_date
    from {{ ref('int_need_spells') }}
    where pupil_id is not null

),

in_need as (

    select
        pupil_id,
        return_year,
        return_year_last_date,
        referral_date,
        plan_start_date is null and plan_end_date is null and has_category_of_abuse as has_undated_plan
    from {{ ref('int_cin_rows_marked') }}
    where ledger_rule_id = 'used' and is_in_need_31_march_in_childhood

),

undated as (

    -- without the dates that would place it, it holds from its 31 March until the next
    select
        pupil_id,
        case when has_undated_plan then 'plan' else 'need' end as state,
        return_year_last_date as start_date,
        {{ return_year_last_day('return_year + 1') }} as end_date
    from in_need
    where referral_date is null or has_undated_plan

),

times as (

    select * from care
    union all
    select * from need
    union all
    select * from undated

),

days as (

    select
        pupil_id,
        {% for age, day in ages.items() -%}
        {{ day }} as day_{{ age }}{{ ',' if not loop.last }}
        {% endfor %}
    from births

),

final as (

    select
        times.pupil_id,
        {% for age in ages -%}
        {% for state in ('care', 'plan', 'need') -%}
        max(case
            when times.state = '{{ state }}' and times.start_date <= days.day_{{ age }} and times.end_date > days.day_{{ age }} then 1 else 0
        end) = 1 as is_{{ state }}_at_{{ age }}{{ ',' if not loop.last }}
        {% endfor -%}{{ ',' if not loop.last }}
        {% endfor %}
    from times
    inner join days on times.pupil_id = days.pupil_id
    group by times.pupil_id

)

select * from final
