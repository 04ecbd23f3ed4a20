{# One row per pupil of the alternative provision census in January, typed and tidied.
   Grain: none; a re-sent row repeats.   Keeps: every row, malformed ones included. #}
-- depends_on: {{ ref('recodes') }}

with

source as (

    select * from {{ source('npd', 'ap_census') }}

),

typed as (

    select
        *,
        {{ clean_id('pupil_matching_ref') }} as pupil_id,
        {{ clean_code('la') }} as local_authority_code,
        {{ academic_year_end('academic_year') }} as academic_year_end,
        {{ clean_code('sen_provision', 'sen_provision') }} as sen_provision_code,
        {{ clean_flag('fsm_eligible') }} as is_free_school_meals_eligible
    from source

),

final as (

    select
        source_file,
        is_malformed_row,

        pupil_id,
        local_authority_code,
        academic_year_end,
        sen_provision_code,
        is_free_school_meals_eligible,

        {{ value_findings(
            values={
                'academic_year_end': 'academic_year',
                'is_free_school_meals_eligible': 'fsm_eligible',
            },
            codes={'sen_provision_code': 'sen_provision'},
        ) }} as value_findings
    from typed

)

select * from final
