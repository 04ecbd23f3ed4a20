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
        try_cast({{ clean_text('population_10_to_17') }} as double) as residents_10_to_17,
        try_cast({{ clean_text('child_poverty_rate') }} as double) as poverty_rate,
        try_cast({{ clean_text('recorded_crime_rate') }} as double) as crime_rate
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
