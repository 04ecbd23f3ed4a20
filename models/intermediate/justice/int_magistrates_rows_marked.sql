{# One row per delivered row of the magistrates' courts, with what becomes of it.
   Grain: none, as delivered.   Rule: the first rule of the seed ledger_rules that applies, in the order below. A case that
   ended before it began is kept: whether and in which court somebody stood does not hang on its dates. #}

with

delivered as (

    select * from {{ ref('stg_courts__magistrates') }}

),

people as (

    select moj_uid, pupil_id, resolution from {{ ref('int_moj_uids_resolved') }}

),

numbered as (

    select
        delivered.*,
        people.pupil_id,
        people.resolution is not distinct from 'ambiguous' as is_ambiguous,
        row_number() over (
            partition by delivered.moj_uid, delivered.case_id, delivered.offence_code, delivered.outcome_code, delivered.first_hearing_date, delivered.completion_date
            order by delivered.source_file nulls last
        ) as copy_number
    from delivered
    left join people on delivered.moj_uid = people.moj_uid

),

final as (

    select
        source_file,
        case
            when is_malformed_row then 'malformed_row'
            when moj_uid is null then 'no_identifier'
            when copy_number > 1 then 'exact_duplicate'
            when is_ambiguous then 'ambiguous_link'
            when pupil_id is null then 'unlinked'
            else 'used'
        end as ledger_rule_id,
        record_year,
        moj_uid,
        pupil_id,
        case_id,
        offence_code,
        outcome_code,
        first_hearing_date,
        completion_date,
        coalesce(completion_date < first_hearing_date, false) as is_completed_before_hearing
    from numbered

)

select * from final
