{# One row per recorded offence and disposal of the Police National Computer, typed and with codes tidied.
   Grain: none; rows repeat as delivered.   Keeps: every row, acquittals, other countries and malformed rows included. #}

with

source as (

    select * from {{ source('pnc', 'offences') }}

),

typed as (

    select
        *,
        {{ clean_id('mojuid') }} as moj_uid,
        {{ clean_id('pupil_matching_ref') }} as pupil_id,
        {{ clean_id('record_no') }} as record_id,

        {{ clean_code('offence') }} as offence_text,
        split_part({{ clean_text('offence') }}, ' ', 1) as first_word,
        {{ clean_code('disposal_no') }} as disposal_code,
        {{ clean_code('disposal') }} as disposal_text,
        {{ clean_code('country') }} as country_code,

        {{ clean_integer('age_of_offender') }} as delivered_age,
        {{ clean_flag('conviction') }} as is_conviction,

        {{ clean_date('date_of_offence') }} as offence_date,
        {{ clean_date('date_of_sentence') }} as sentence_date
    from source

),

final as (

    select
        source_file,
        is_malformed_row,

        moj_uid,
        pupil_id,
        record_id,

        -- the text begins with the Home Office code, whose leading zeros may be lost
        case
            when translate(first_word, '0123456789', '') = '' and length(first_word) between 3 and 5
                then lpad(first_word, 5, '0')
        end as offence_code,
        offence_text,
        disposal_code,
        disposal_text,
        country_code,

        delivered_age,
        is_conviction,

        offence_date,
        sentence_date,
        cast(extract(year from sentence_date) as integer) as record_year,

        {{ value_findings(
            dates={
                'offence_date': 'date_of_offence',
                'sentence_date': 'date_of_sentence',
            },
            values={
                'offence_code': 'offence',
                'delivered_age': 'age_of_offender',
                'is_conviction': 'conviction',
            },
        ) }} as value_findings
    from typed

)

select * from final
