{# One row per sanctioned pupil: the first sanctioned offence, and the first of serious violence.
   Grain: pupil_id.   Population: pupils with a used row of the Police National Computer.
   Rule: the earliest day by which an offence stands on the timeline, and the age on it; later offences lend none. #}

with

offences as (

    select
        *,
        min(offence_date) over (partition by pupil_id) as first_date
    from {{ ref('int_pnc_rows_marked') }}
    where ledger_rule_id = 'used'

),

first_dates as (

    select
        pupil_id,
        min(offence_date) as first_offence_date,
        min(case when not is_offence_date_from_sentence then offence_date end) as first_dated_offence_date,
        min(case when is_serious_violence then offence_date end) as first_serious_violence_date,
        min(case when is_serious_violence and not is_offence_date_from_sentence then offence_date end) as first_dated_serious_violence_date,
        min(case when offence_date = first_date then age_at_offence end) as first_offence_age
    from offences
    group by pupil_id

),

final as (

    select
        pupil_id,
        first_offence_date,
        first_offence_age,
        first_offence_date is distinct from first_dated_offence_date as is_first_offence_date_from_sentence,
        first_serious_violence_date,
        case
            when first_serious_violence_date is not null then first_serious_violence_date is distinct from first_dated_serious_violence_date
        end as is_first_serious_violence_date_from_sentence
    from first_dates

)

select * from final
