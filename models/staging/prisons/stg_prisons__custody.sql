{# One row per reception into prison or youth custody, typed and with codes tidied.
   Grain: none; rows repeat as delivered.   Keeps: every row, malformed ones included. #}

with

source as (

    select * from {{ source('prisons', 'custody') }}

),

typed as (

    select
        *,
        {{ clean_id('mojuid') }} as moj_uid,
        {{ clean_code('kind_of_reception') }} as reception_type_code,
        {{ clean_date('date_of_reception') }} as reception_date,
        {{ clean_date('date_of_release') }} as release_date
    from source

),

final as (

    select
        source_file,
        is_malformed_row,

        moj_uid,
        reception_type_code,
        reception_date,
        release_date,
        cast(extract(year from reception_date) as integer) as record_year,

        {{ value_findings(
            dates={
                'reception_date': 'date_of_reception',
                'release_date': 'date_of_release',
            },
        ) }} as value_findings
    from typed

)

select * from final
