{# One row per delivered line of the user's area indicators, with what becomes of it.
   Grain: none, as delivered.   Rule: the first rule of the seed ledger_rules that applies, in the order below; of several
   lines for one authority and year the one with the largest figures counts, so that the order of the file does not. Where
   an area that was split or merged has a line of its own code, those of its parts for that year would count it twice. #}

with

delivered as (

    select * from {{ ref('stg_reference__local_area') }}

),

authorities as (

    select distinct code from {{ ref('local_authorities') }}

),

areas as (

    select code, area_code from {{ ref('local_authority_areas') }}

),

placed as (

    select
        delivered.*,
        authorities.code is not null as is_known_authority,
        coalesce(areas.area_code, delivered.local_authority_code) as area_code
    from delivered
    left join authorities on delivered.local_authority_code = authorities.code
    left join areas on delivered.local_authority_code = areas.code

),

numbered as (

    select
        *,
        row_number() over (
            partition by local_authority_code, indicator_year
            order by
                residents_10_to_17 desc nulls last, poverty_rate desc nulls last, crime_rate desc nulls last,
                source_file nulls last
        ) as place,
        local_authority_code <> area_code and max(case when local_authority_code = area_code then 1 else 0 end) over (
            partition by area_code, indicator_year
        ) = 1 as is_part_of_whole
    from placed

),

final as (

    select
        source_file,
        indicator_year,
        case
            when is_malformed_row then 'malformed_row'
            when indicator_year is null then 'no_return_year'
            when local_authority_code is null then 'no_local_authority'
            when not is_known_authority then 'unknown_local_authority'
            when place > 1 or is_part_of_whole then 'repeated_area_year'
            else 'used'
        end as ledger_rule_id,
        local_authority_code,
        residents_10_to_17,
        poverty_rate,
        crime_rate
    from numbered

)

select * from final
