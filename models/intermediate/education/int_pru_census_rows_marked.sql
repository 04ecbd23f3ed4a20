{# One row per delivered row of the census of pupil referral units, with what becomes of it.
   Grain: none, as delivered.   Rule: the first rule of the seed ledger_rules that applies, in the order below. Of a pupil's
   registrations in a school year the first in order of authority and unit is used, the others are merged into it. #}

{%- set row_order %}
    local_authority_code nulls last, school_urn nulls last, entry_date nulls last, sex_code nulls last,
    ethnicity_code nulls last, sen_provision_code nulls last, sen_type_code nulls last,
    national_curriculum_year_code nulls last, birth_year nulls last, birth_month nulls last,
    is_free_school_meals_eligible nulls last
{%- endset %}

with

delivered as (

    select * from {{ ref('stg_npd__pru_census') }}

),

numbered as (

    select
        *,
        row_number() over (partition by pupil_id, academic_year_end order by {{ row_order }}, source_file nulls last) as place,
        rank() over (partition by pupil_id, academic_year_end order by {{ row_order }}) as rank_of_values
    from delivered

),

final as (

    select
        source_file,
        case
            when is_malformed_row then 'malformed_row'
            when academic_year_end is null then 'no_return_year'
            when pupil_id is null then 'no_pupil_id'
            when place > rank_of_values then 'exact_duplicate'
            when place > 1 then 'other_registration'
            else 'used'
        end as ledger_rule_id,
        pupil_id,
        academic_year_end,
        local_authority_code,
        school_urn,
        national_curriculum_year_code,
        sen_provision_code,
        sen_type_code,
        is_free_school_meals_eligible,
        entry_date
    from numbered

)

select * from final
