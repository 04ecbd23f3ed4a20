{# One row per delivered pair of a person of the justice data and a pupil.
   Grain: none; pairs repeat as delivered.   Keeps: every row, malformed ones included. #}

with

source as (

    select * from {{ source('links', 'pupil_offender') }}

),

final as (

    select
        source_file,
        is_malformed_row,
        {{ clean_id('mojuid') }} as moj_uid,
        {{ clean_id('pupil_matching_ref') }} as pupil_id
    from source

)

select * from final
