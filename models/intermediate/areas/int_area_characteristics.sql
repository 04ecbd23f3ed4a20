{# One row per area and way of placing a pupil: how poor its pupils are, and what the user's own indicators say of it.
   Grain: area_basis, area_code.   Population: areas with at least one pupil on that basis, and the nation as `england`.
   Rule: rates of pupils are over those whose value is known, each counted once; indicators are means over the years
   supplied, weighted by the residents aged 10 to 17 where an area joins several authorities. #}

with

areas as (

    select area_basis, pupil_id, area_code, is_counted_nationally from {{ ref('int_pupil_areas') }}

),

schooling as (

    select pupil_id, ever_free_school_meals, idaci_score_at_15 from {{ ref('int_school_history_per_pupil') }}

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
        avg(schooling.idaci_score_at_15) as mean_idaci_score
    from placed
    left join schooling on placed.pupil_id = schooling.pupil_id
    group by placed.area_basis, placed.area_code

),

indicators_placed as (

    select
        coalesce(mapped.area_code, supplied.local_authority_code) as area_code,
        supplied.indicator_year,
        supplied.residents_10_to_17,
        supplied.poverty_rate,
        supplied.crime_rate
    from supplied
    left join mapped on supplied.local_authority_code = mapped.code
    union all
    select 'england' as area_code, indicator_year, residents_10_to_17, poverty_rate, crime_rate
    from supplied

),

indicators_per_year as (

    -- an authority whose number of residents is not given weighs as one resident
    select
        area_code,
        indicator_year,
        sum(residents_10_to_17) as population_10_to_17,
        sum(poverty_rate * coalesce(residents_10_to_17, 1))
            / nullif(sum(case when poverty_rate is not null then coalesce(residents_10_to_17, 1) end), 0)
            as child_poverty_rate,
        sum(crime_rate * coalesce(residents_10_to_17, 1))
            / nullif(sum(case when crime_rate is not null then coalesce(residents_10_to_17, 1) end), 0)
            as recorded_crime_rate
    from indicators_placed
    group by area_code, indicator_year

),

indicators as (

    select
        area_code,
        avg(population_10_to_17) as population_10_to_17,
        avg(child_poverty_rate) as child_poverty_rate,
        avg(recorded_crime_rate) as recorded_crime_rate
    from indicators_per_year
    group by area_code

),

final as (

    select
        pupils_per_area.area_basis,
        pupils_per_area.area_code,
        -- six decimals, so that the order in which numbers were added does not show
        {{ round_half_up('pupils_per_area.ever_free_school_meals_rate', 6) }} as ever_free_school_meals_rate,
        {{ round_half_up('pupils_per_area.mean_idaci_score', 6) }} as mean_idaci_score,
        {{ round_half_up('indicators.population_10_to_17', 6) }} as population_10_to_17,
        {{ round_half_up('indicators.child_poverty_rate', 6) }} as child_poverty_rate,
        {{ round_half_up('indicators.recorded_crime_rate', 6) }} as recorded_crime_rate
    from pupils_per_area
    left join indicators on pupils_per_area.area_code = indicators.area_code

)

select * from final
