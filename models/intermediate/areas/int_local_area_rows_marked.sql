{# One row per delivered line of the user's area indicators, with what becomes of it.
   Grain: none, as delivered.   Rule: the first rule of the seed ledger_rules that applies, in the order below; of several
   lines for one authority and year the one with the largest figures counts, so that the order of the file does not. #}

with

delivered as (

    select * from {{ ref('stg_reference__local_area') }}

),

numbered as (

    select
        *,
        row_number() over (
            partition by local_authority_code, indicator_year
            order by
                residents_10_to_17 desc nulls last, poverty_rate desc nulls last, crime_rate desc nulls last,
                source_file nulls last
        ) as place
    from delivered

),

final as (

    select
        source_file,
        indicator_year,
        case
            when is_malformed_row then 'malformed_row'
            when indicator_year is null then 'no_return_year'
            when local_authority_code is null then 'no_local_authority'
            when place > 1 then 'repeated_area_year'
            else 'used'
        end as ledger_rule_id,
        local_authority_code,
        residents_10_to_17,
        poverty_rate,
        crime_rate
    from numbered

)

select * from final
