{# One row per registration of a pupil at a pupil referral unit on a January census day, 2010 to 2013, typed and tidied.
   Grain: none; a re-sent row repeats.   Keeps: every row, malformed ones included. #}
-- depends_on: {{ ref('recodes') }}

with

source as (

    select * from {{ source('npd', 'pru_census') }}

),

typed as (

    select
        *,
        {{ clean_id('pupil_matching_ref') }} as pupil_id,
        {{ clean_code('la') }} as local_authority_code,
        {{ clean_id('urn') }} as school_urn,
        {{ academic_year_end('academic_year') }} as academic_year_end,

        {{ clean_code('gender', 'sex') }} as sex_code,
        {{ clean_code('ethnic_group_minor', 'ethnicity') }} as ethnicity_code,
        {{ clean_code('sen_provision', 'sen_provision') }} as sen_provision_code,
        {{ clean_code('primary_sen_type') }} as sen_type_code,
        {{ clean_code('nc_year_actual') }} as national_curriculum_year_code,

        {{ clean_integer('year_of_birth') }} as birth_year,
        {{ clean_integer('month_of_birth') }} as birth_month,

        {{ clean_flag('fsm_eligible') }} as is_free_school_meals_eligible,

        {{ clean_date('date_of_entry') }} as entry_date
    from source

),

final as (

    select
        source_file,
        is_malformed_row,

        pupil_id,
        local_authority_code,
        school_urn,
        academic_year_end,

        sex_code,
        ethnicity_code,
        sen_provision_code,
        sen_type_code,
        national_curriculum_year_code,

        birth_year,
        birth_month,

        is_free_school_meals_eligible,

        entry_date,

        {{ value_findings(
            dates={'entry_date': 'date_of_entry'},
            values={
                'sex_code': 'gender',
                'academic_year_end': 'academic_year',
                'birth_year': 'year_of_birth',
                'birth_month': 'month_of_birth',
                'is_free_school_meals_eligible': 'fsm_eligible',
            },
            codes={'ethnicity_code': 'ethnic_group_minor', 'sen_provision_code': 'sen_provision'},
        ) }} as value_findings
    from typed

)

select * from final
