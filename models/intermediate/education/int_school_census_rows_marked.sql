{# One row per delivered row of the school census, with what becomes of it.
   Grain: none, as delivered.   Rule: the first rule of the seed ledger_rules that applies, in the order below. Of the
   registrations of a pupil in a school year, the main one is used and the others are merged into it: see
   int_school_census_repeated_rows for their order. #}

{{ config(materialized='view') }}

{% set columns = [
    'source_file', 'is_malformed_row', 'pupil_id', 'moj_uid', 'academic_year_end', 'is_year_of_file', 'local_authority_code', 'school_urn',
    'home_local_authority_code', 'national_curriculum_year_code', 'sen_provision_code', 'sen_type_code', 'idaci_score', 'enrolment_status_code',
    'is_free_school_meals_eligible'
] | join(', ') -%}

with

delivered_rows as (

    -- nearly every pupil has one registration in a year: only the others were put in order
    select {{ columns }}, 1 as place, false as is_exact_duplicate
    from {{ ref('stg_npd__school_census') }} as delivered
    where not exists (
        select 1
        from {{ ref('int_school_census_repeated_rows') }} as repeated
        where repeated.pupil_id = delivered.pupil_id and repeated.academic_year_end = delivered.academic_year_end
    )
    union all
    select {{ columns }}, place, is_exact_duplicate
    from {{ ref('int_school_census_repeated_rows') }}

),

final as (

    select
        source_file,
        case
            when is_malformed_row then 'malformed_row'
            when academic_year_end is null then 'no_return_year'
            when pupil_id is null then 'no_pupil_id'
            when is_exact_duplicate then 'exact_duplicate'
            when place > 1 then 'other_registration'
            else 'used'
        end as ledger_rule_id,
        pupil_id,
        moj_uid,
        academic_year_end,
        is_year_of_file,
        local_authority_code,
        school_urn,
        home_local_authority_code,
        national_curriculum_year_code,
        sen_provision_code,
        sen_type_code,
        idaci_score,
        enrolment_status_code,
        is_free_school_meals_eligible
    from delivered_rows

)

select * from final
