{# One row per local authority and year of the user's own area indicators, typed.
   Grain: none; an authority and year may repeat as delivered.   Keeps: every row, malformed ones included. #}

with

source as (

    select * from {{ source('reference', 'local_area') }}

),

typed as (

    select
        *,
        {{ clean_code('la') }} as local_authority_code,
        {{ clean_integer('year') }} as indicator_year,
        {{ clean_decimal('population_10_to_17') }} as residents_10_to_17,
        {{ clean_decimal('child_poverty_rate') }} as poverty_rate,
        {{ clean_decimal('recorded_crime_rate') }} as crime_rate
    from source

),

final as (

    select
        source_file,
        is_malformed_row,
        local_authority_code,
        indicator_year,
        residents_10_to_17,
        poverty_rate,
        crime_rate,
        {{ value_findings(values={
            'indicator_year': 'year',
            'residents_10_to_17': 'population_10_to_17',
            'poverty_rate': 'child_poverty_rate',
            'crime_rate': 'recorded_crime_rate',
        }) }} as value_findings
    from typed

)

select * from final
