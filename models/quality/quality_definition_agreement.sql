{# One row per concept, return year, pair of readings and pair of answers: how many pupils, and how well the two readings agree.
   Grain: concept, return_year, reading_a, reading_b, answer_a, answer_b.
   Population: pupils with a row of the children in need census (plans); those of them without plan and care (referral only); pupils
   with any social care (levels). An empty return year stands for the whole childhood. #}

{%- set readings = {
    'child_protection_plan': {'population': 'has_cin_row', 'columns': ['cpp_by_category_of_abuse', 'cpp_by_previous_plans', 'cpp_by_plan_dates']},
    'referral_only': {
        'population': 'is_without_plan_or_care',
        'columns': ['referral_only_by_31_march', 'referral_only_by_nfa', 'referral_only_by_nfa_or_rc8']
    },
    'highest_level': {'population': 'true', 'columns': ['level_of_project', 'level_of_data_explained', 'level_of_dfe', 'level_of_echild']},
} %}
{%- set pairs = [] %}
{%- for concept, reading in readings.items() %}
    {%- for first in reading['columns'] %}
        {%- for second in reading['columns'][loop.index:] %}
            {%- do pairs.append({'concept': concept, 'population': reading['population'], 'a': first, 'b': second}) %}
        {%- endfor %}
    {%- endfor %}
{%- endfor %}

with

profiles as (

    -- few combinations of answers occur, so everything below is small
    select
        return_year,
        has_cin_row,
        is_without_plan_or_care,
        {% for reading in readings.values() -%}
        {% for column in reading['columns'] -%}
        cast({{ column }} as {{ dbt.type_string() }}) as {{ column }},
        {% endfor -%}
        {% endfor -%}
        count(*) as n_pupils
    from {{ ref('int_social_care_readings') }}
    group by
        return_year, has_cin_row, is_without_plan_or_care,
        {% for reading in readings.values() -%}
        {{ reading['columns'] | join(', ') }}{{ ',' if not loop.last }}
        {% endfor %}
),

cells as (

    {% for pair in pairs -%}
    select
        '{{ pair.concept }}' as concept, return_year, '{{ pair.a }}' as reading_a, '{{ pair.b }}' as reading_b,
        {{ pair.a }} as answer_a, {{ pair.b }} as answer_b, sum(n_pupils) as n_pupils
    from profiles
    where {{ pair.population }} and {{ pair.a }} is not null and {{ pair.b }} is not null
    group by return_year, {{ pair.a }}, {{ pair.b }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

with_margins as (

    select
        *,
        sum(n_pupils) over (partition by concept, return_year, reading_a, reading_b) as n_compared,
        sum(case when answer_a = answer_b then n_pupils else 0 end) over (partition by concept, return_year, reading_a, reading_b) as n_agree
    from cells

),

margins_b as (

    select concept, return_year, reading_a, reading_b, answer_b, sum(n_pupils) as n_answer_b
    from cells
    group by concept, return_year, reading_a, reading_b, answer_b

),

margins_a as (

    select concept, return_year, reading_a, reading_b, answer_a, sum(n_pupils) as n_answer_a
    from cells
    group by concept, return_year, reading_a, reading_b, answer_a

),

by_chance as (

    -- what agreement the margins alone would give
    select
        margins_a.concept,
        margins_a.return_year,
        margins_a.reading_a,
        margins_a.reading_b,
        sum(cast(margins_a.n_answer_a as double) * margins_b.n_answer_b) as chance_product
    from margins_a
    inner join margins_b
        on margins_a.concept = margins_b.concept
        and margins_a.return_year is not distinct from margins_b.return_year
        and margins_a.reading_a = margins_b.reading_a
        and margins_a.reading_b = margins_b.reading_b
        and margins_a.answer_a = margins_b.answer_b
    group by margins_a.concept, margins_a.return_year, margins_a.reading_a, margins_a.reading_b

),

compared as (

    select
        with_margins.*,
        cast(with_margins.n_agree as double) / with_margins.n_compared as agreement,
        coalesce(by_chance.chance_product, 0) / (cast(with_margins.n_compared as double) * with_margins.n_compared) as agreement_by_chance
    from with_margins
    left join by_chance
        on with_margins.concept = by_chance.concept
        and with_margins.return_year is not distinct from by_chance.return_year
        and with_margins.reading_a = by_chance.reading_a
        and with_margins.reading_b = by_chance.reading_b

),

final as (

    select
        concept,
        cast(return_year as integer) as return_year,
        reading_a,
        reading_b,
        answer_a,
        answer_b,
        cast(n_pupils as bigint) as n_pupils,
        cast(n_compared as bigint) as n_compared,
        {{ round_half_up('agreement', 4) }} as agreement,
        case when agreement_by_chance < 1 then {{ round_half_up('(agreement - agreement_by_chance) / (1 - agreement_by_chance)', 4) }} end as cohens_kappa
    from compared

)

select * from final
