{# One row per defendant in a case of the magistrates' courts, typed and with codes tidied.
   Grain: none; rows repeat as delivered.   Keeps: every row, acquittals and malformed rows included. #}

with

source as (

    select * from {{ source('courts', 'magistrates') }}

),

typed as (

    select
        *,
        {{ clean_id('mojuid') }} as moj_uid,
        {{ clean_id('case_id_hash') }} as case_id,
        {{ clean_code('offence') }} as offence_code,
        {{ clean_code('outcome') }} as outcome_code,
        {{ clean_date('date_of_first_hearing') }} as first_hearing_date,
        {{ clean_date('date_of_completion') }} as completion_date
    from source

),

final as (

    select
        source_file,
        is_malformed_row,

        moj_uid,
        case_id,
        offence_code,
        outcome_code,
        first_hearing_date,
        completion_date,
        cast(extract(year from completion_date) as integer) as record_year,

        {{ value_findings(
            dates={
                'first_hearing_date': 'date_of_first_hearing',
                'completion_date': 'date_of_completion',
            },
        ) }} as value_findings
    from typed

)

select * from final
