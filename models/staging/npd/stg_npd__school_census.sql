{# One row per registration of a pupil at a school on a spring census day, typed and with codes tidied.
   Grain: none; a dual registration or a re-sent row repeats.   Keeps: every row, malformed ones included. #}
-- depends_on: {{ ref('recodes') }}

with

source as (

    select * from {{ source('npd', 'school_census') }}

),

typed as (

    select
        *,
        {{ clean_id('mojuid') }} as moj_uid,
        {{ clean_id('pupil_matching_ref') }} as pupil_id,
        {{ clean_code('la') }} as local_authority_code,
        {{ clean_id('urn') }} as school_urn,
        {{ clean_code('llsoa') }} as home_area_code,
        {{ clean_code('home_la') }} as home_local_authority_code,
        {{ academic_year_end_or_of_file('academic_year', 'source_file') }} as academic_year_end,
        {{ clean_text('academic_year') }} is null and not is_malformed_row as is_year_of_file,

        {{ clean_code('gender', 'sex') }} as sex_code,
        {{ clean_code('ethnic_group_minor', 'ethnicity') }} as ethnicity_code,
        {{ clean_code('language_group_minor') }} as first_language_code,
        {{ clean_code('sen_provision', 'sen_provision') }} as sen_provision_code,
        {{ clean_code('primary_sen_type') }} as sen_type_code,
        {{ clean_code('nc_year_actual') }} as national_curriculum_year_code,
        {{ clean_code('enrol_status', 'enrol_status') }} as enrolment_status_code,
        {{ clean_code('record_status') }} as record_status_code,

        {{ clean_integer('year_of_birth') }} as birth_year,
        {{ clean_integer('month_of_birth') }} as birth_month,
        {{ clean_decimal('idaci') }} as idaci_score,

        {{ clean_flag('fsm_eligible') }} as is_free_school_meals_eligible,
        {{ clean_flag('ever_fsm_6') }} as is_free_school_meals_eligible_6_years,
        {{ clean_flag('on_roll') }} as is_on_roll,

        {{ clean_date('date_of_entry') }} as entry_date,
        {{ clean_date('date_of_leaving') }} as leaving_date
    from source

),

final as (

    select
        source_file,
        is_malformed_row,

        moj_uid,
        pupil_id,
        local_authority_code,
        school_urn,
        home_area_code,
        home_local_authority_code,
        academic_year_end,
        is_year_of_file,

        sex_code,
        ethnicity_code,
        first_language_code,
        sen_provision_code,
        sen_type_code,
        national_curriculum_year_code,
        enrolment_status_code,
        record_status_code,

        birth_year,
        birth_month,
        idaci_score,

        is_free_school_meals_eligible,
        is_free_school_meals_eligible_6_years,
        is_on_roll,

        entry_date,
        leaving_date,

        {{ value_findings(
            dates={
                'entry_date': 'date_of_entry',
                'leaving_date': 'date_of_leaving',
            },
            values={
                'sex_code': 'gender',
                'academic_year_end': 'academic_year',
                'birth_year': 'year_of_birth',
                'birth_month': 'month_of_birth',
                'idaci_score': 'idaci',
                'is_free_school_meals_eligible': 'fsm_eligible',
                'is_free_school_meals_eligible_6_years': 'ever_fsm_6',
                'is_on_roll': 'on_roll',
            },
            codes={
                'ethnicity_code': 'ethnic_group_minor',
                'sen_provision_code': 'sen_provision',
                'enrolment_status_code': 'enrol_status',
            },
        ) }} as value_findings
    from typed

)

select * from final
