{# One row per delivered row of the custody data, with what becomes of it.
   Grain: none, as delivered.   Rule: the first rule of the seed ledger_rules that applies, in the order below. A spell
   without a release date is open; one whose release date cannot be read has an unknown end, and the two are no copies. #}

with

delivered as (

    select * from {{ ref('stg_prisons__custody') }}

),

people as (

    select moj_uid, pupil_id, resolution from {{ ref('int_moj_uids_resolved') }}

),

reception_types as (

    select code, code_group from {{ ref('custody_reception_type') }}

),

numbered as (

    select
        delivered.*,
        people.pupil_id,
        people.resolution is not distinct from 'ambiguous' as is_ambiguous,
        row_number() over (
            -- a date that is blank and one that cannot be read are not alike
            partition by
                delivered.moj_uid, delivered.reception_type_code, delivered.reception_date, delivered.release_date, delivered.value_findings
            order by delivered.source_file nulls last
        ) as copy_number
    from delivered
    left join people on delivered.moj_uid = people.moj_uid

),

final as (

    select
        numbered.source_file,
        case
            when numbered.is_malformed_row then 'malformed_row'
            when numbered.moj_uid is null then 'no_identifier'
            when numbered.copy_number > 1 then 'exact_duplicate'
            when numbered.reception_date is null then 'no_reception_date'
            when numbered.release_date < numbered.reception_date then 'released_before_reception'
            when numbered.is_ambiguous then 'ambiguous_link'
            when numbered.pupil_id is null then 'unlinked'
            else 'used'
        end as ledger_rule_id,
        numbered.record_year,
        numbered.moj_uid,
        numbered.pupil_id,
        coalesce(reception_types.code_group, 'unmapped') as reception_type,
        numbered.reception_date,
        numbered.release_date,
        -- a date of release that was given but cannot be read is not the same as none
        numbered.release_date is null and coalesce(numbered.value_findings not like '%:release_date%', true) as is_open
    from numbered
    left join reception_types on numbered.reception_type_code = reception_types.code

)

select * from final
