{# One row per area and way of placing a pupil: how poor its pupils are, and what the user's own indicators say of it.
   Grain: area_basis, area_code.   Population: areas with at least one pupil on that basis, and the nation as `england`.
   Rule: rates of pupils are over those whose value is known, each counted once. Indicators are means over the years
   supplied, authority by authority; where an area joins several, and for the nation, residents are the sum of theirs, unknown
   where one that is given lacks the number, and rates are weighted by residents, or alike where that number is unknown. #}

{% set sum_of_members %}
        case when count(residents) = count(*) then sum(residents) end as residents,
        {%- for name in ['poverty_rate', 'crime_rate'] %}
        case
            when count(residents) = count(*)
                then sum({{ name }} * residents) / nullif(sum(case when {{ name }} is not null then residents end), 0)
            else avg({{ name }})
        end as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
{% endset %}

with

areas as (

    select area_basis, pupil_id, area_code, is_counted_nationally from {{ ref('int_pupil_areas') }}

),

schooling as (

    select pupil_id, ever_free_school_meals, idaci_score_near_15 from {{ ref('int_school_history_per_pupil') }}

),

mapped as (

    select code, area_code from {{ ref('local_authority_areas') }}

),

supplied as (

    select * from {{ ref('int_local_area_rows_marked') }} where ledger_rule_id = 'used'

),

placed as (

    select area_basis, pupil_id, area_code from areas
    union all
    select area_basis, pupil_id, 'england' as area_code from areas where is_counted_nationally

),

pupils_per_area as (

    select
        placed.area_basis,
        placed.area_code,
        avg(cast(cast(schooling.ever_free_school_meals as integer) as double))
            as ever_free_school_meals_rate,
        avg(schooling.idaci_score_near_15) as mean_idaci_score
    from placed
    left join schooling on placed.pupil_id = schooling.pupil_id
    group by placed.area_basis, placed.area_code

),

authorities as (

    -- the years of each authority first: its members may have figures of different years
    select
        coalesce(mapped.area_code, supplied.local_authority_code) as area_code,
        coalesce(mapped.area_code <> supplied.local_authority_code, false) as is_part,
        count(*) as n_years,
        avg(supplied.residents_10_to_17) as residents,
        avg(supplied.poverty_rate) as poverty_rate,
        avg(supplied.crime_rate) as crime_rate
    from supplied
    left join mapped on supplied.local_authority_code = mapped.code
    group by supplied.local_authority_code, mapped.area_code

),

summed as (

    -- an area given under its own code in some years and in parts in others is not the sum of both
    select
        area_code,
        is_part,
        max(n_years) as n_years,
        {{ sum_of_members }}
    from authorities
    group by area_code, is_part

),

joined as (

    select
        area_code,
        {% for name in ['residents', 'poverty_rate', 'crime_rate'] -%}
        sum({{ name }} * n_years) / sum(case when {{ name }} is not null then n_years end) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from summed
    group by area_code

),

indicators as (

    select * from joined
    union all
    select
        'england' as area_code,
        {{ sum_of_members }}
    from joined

),

final as (

    select
        pupils_per_area.area_basis,
        pupils_per_area.area_code,
        -- six decimals, so that the order in which numbers were added does not show
        {{ round_half_up('pupils_per_area.ever_free_school_meals_rate', 6) }} as ever_free_school_meals_rate,
        {{ round_half_up('pupils_per_area.mean_idaci_score', 6) }} as mean_idaci_score,
        {{ round_half_up('indicators.residents', 6) }} as population_10_to_17,
        {{ round_half_up('indicators.poverty_rate', 6) }} as child_poverty_rate,
        {{ round_half_up('indicators.crime_rate', 6) }} as recorded_crime_rate
    from pupils_per_area
    left join indicators on pupils_per_area.area_code = indicators.area_code

)

select * from final
