{# One row per sanctioning occasion of a pupil: what it was, for which offences, at what age.
   Grain: pupil_id, sanction_number.   Population: pupils with a used row of the Police National Computer.
   Rule: an occasion is a pupil, a date and one of caution or conviction: offences sentenced on one day are one occasion, and
   a caution and a conviction of one day are two. Without any date of sentence the record is the occasion. Its severity is
   that of its most severe disposal; the main offence has that disposal, then serious violence, then the group that ranks
   first in the seed offence_groups, then the earliest date, then the smallest code. Its age
   is that at the earliest offence. #}

with

offences as (

    select * from {{ ref('int_pnc_rows_marked') }}
    where ledger_rule_id = 'used'

),

offence_groups as (

    select offence_group, rank from {{ ref('offence_groups') }}

),

numbered as (

    select
        offences.*,
        min(offences.offence_date) over (partition by offences.pupil_id, offences.is_conviction, offences.occasion_key) as first_offence_date,
        row_number() over (
            partition by offences.pupil_id, offences.is_conviction, offences.occasion_key
            order by
                offences.severity_rank desc nulls last, offences.is_serious_violence desc nulls last, offence_groups.rank nulls last,
                offences.offence_date nulls last,
                offences.offence_code nulls last, offences.offence_text nulls last, offences.disposal_kind nulls last
        ) as place
    from offences
    left join offence_groups on offences.offence_group = offence_groups.offence_group

),

occasions as (

    select
        pupil_id,
        is_conviction,
        occasion_key,
        min(sanction_date) as sanction_date,
        min(offence_date) as offence_date,
        min(case when offence_date = first_offence_date then age_at_offence end) as age_at_offence,
        count(*) as n_offences,
        sum(case when is_serious_violence then 1 else 0 end) as n_serious_violence_offences,
        min(case when is_serious_violence then offence_date end) as serious_violence_date,
        min(offence_date) is distinct from min(case when not is_offence_date_from_sentence then offence_date end) as is_offence_date_from_sentence,
        max(case when is_sentence_before_offence then 1 else 0 end) = 1 as is_sentence_before_offence,
        max(case when place = 1 then disposal_kind end) as sanction_kind,
        max(case when place = 1 then disposal_group end) as severity,
        max(case when place = 1 then severity_rank end) as severity_rank,
        max(case when place = 1 then offence_code end) as main_offence_code,
        max(case when place = 1 then offence_text end) as main_offence_text,
        max(case when place = 1 then offence_group end) as main_offence_group
    from numbered
    group by pupil_id, is_conviction, occasion_key

),

final as (

    select
        pupil_id,
        cast(row_number() over (
            partition by pupil_id
            order by offence_date nulls last, sanction_date nulls last, is_conviction nulls last, occasion_key nulls last
        ) as integer) as sanction_number,
        sanction_date,
        offence_date,
        is_offence_date_from_sentence,
        is_sentence_before_offence,

        is_conviction,
        sanction_kind,
        severity,
        severity_rank,

        main_offence_code,
        main_offence_text,
        main_offence_group,
        cast(n_offences as integer) as n_offences,
        n_serious_violence_offences > 0 as is_serious_violence,
        cast(n_serious_violence_offences as integer) as n_serious_violence_offences,
        serious_violence_date,

        age_at_offence,
        age_at_offence < {{ var('youth_end_age') }} as is_youth
    from occasions

)

select * from final
