{# One row per row of the children in need census as delivered, typed and with codes tidied.
   Grain: none; rows repeat as delivered.   Keeps: every row, malformed ones included. #}
-- depends_on: {{ ref('recodes') }}

with

source as (

    select * from {{ source('cin', 'episodes') }}

),

typed as (

    select
        *,
        {{ clean_id('mojuid') }} as moj_uid,
        {{ clean_id('pupil_matching_ref') }} as pupil_id,
        {{ clean_id('child_id') }} as local_child_id,
        {{ clean_code('la') }} as local_authority_code,
        {{ academic_year_end('acadyr') }} as return_year,

        {{ clean_code('primary_need', 'cin_primary_need') }} as primary_need_code,
        {{ clean_code('reason_for_closure', 'cin_reason_for_closure') }} as reason_for_closure_code,
        {{ clean_code('referral_source') }} as referral_source_code,
        {{ clean_code('category_of_abuse', 'cin_category_of_abuse') }} as category_of_abuse_code,
        {{ clean_code('abuse_cat_first', 'cin_category_of_abuse') }} as first_category_of_abuse_code,
        {{ clean_code('initial_category_of_abuse', 'cin_category_of_abuse') }} as initial_category_of_abuse_code,
        {{ clean_code('latest_category_of_abuse', 'cin_category_of_abuse') }} as latest_category_of_abuse_code,
        {{ clean_code('disability') }} as disability_codes,
        {{ clean_code('assessment_factors') }} as assessment_factor_codes,
        {{ clean_code('gender', 'sex') }} as sex_code,
        {{ clean_code('ethnic_group_minor', 'ethnicity') }} as ethnicity_code,

        {{ clean_integer('year_of_birth') }} as birth_year,
        {{ clean_integer('month_of_birth') }} as birth_month,
        {{ clean_integer('age_start_of_cin_period') }} as age_at_start,
        {{ clean_integer('age_end_of_cin_period') }} as age_at_end,
        {{ clean_integer('number_of_previous_cpp') }} as n_previous_plans,

        {{ clean_flag('cin_at_31_march') }} as is_in_need_31_march,
        {{ clean_flag('referral_nfa') }} as is_no_further_action,

        {{ clean_date('cin_referral_date') }} as referral_date,
        {{ clean_date('cin_closure_date') }} as closure_date,
        {{ clean_date('date_of_initial_cpc') }} as initial_conference_date,
        {{ clean_date('cpp_start_date') }} as plan_start_date,
        {{ clean_date('cpp_end_date') }} as plan_end_date
    from source

),

final as (

    select
        source_file,
        is_malformed_row,

        moj_uid,
        pupil_id,
        local_authority_code || '-' || local_child_id as la_child_id,
        local_authority_code,
        return_year,

        primary_need_code,
        reason_for_closure_code,
        referral_source_code,
        category_of_abuse_code,
        first_category_of_abuse_code,
        initial_category_of_abuse_code,
        latest_category_of_abuse_code,
        disability_codes,
        assessment_factor_codes,
        sex_code,
        ethnicity_code,

        birth_year,
        birth_month,
        age_at_start,
        age_at_end,
        n_previous_plans,

        is_in_need_31_march,
        is_no_further_action,

        referral_date,
        closure_date,
        initial_conference_date,
        plan_start_date,
        plan_end_date,

        {{ value_findings(
            dates={
                'referral_date': 'cin_referral_date',
                'closure_date': 'cin_closure_date',
                'initial_conference_date': 'date_of_initial_cpc',
                'plan_start_date': 'cpp_start_date',
                'plan_end_date': 'cpp_end_date',
            },
            values={
                'sex_code': 'gender',
                'return_year': 'acadyr',
                'birth_year': 'year_of_birth',
                'birth_month': 'month_of_birth',
                'age_at_start': 'age_start_of_cin_period',
                'age_at_end': 'age_end_of_cin_period',
                'n_previous_plans': 'number_of_previous_cpp',
                'is_in_need_31_march': 'cin_at_31_march',
                'is_no_further_action': 'referral_nfa',
            },
            codes={
                'primary_need_code': 'primary_need',
                'reason_for_closure_code': 'reason_for_closure',
                'category_of_abuse_code': 'category_of_abuse',
                'first_category_of_abuse_code': 'abuse_cat_first',
                'initial_category_of_abuse_code': 'initial_category_of_abuse',
                'latest_category_of_abuse_code': 'latest_category_of_abuse',
                'ethnicity_code': 'ethnic_group_minor',
            },
        ) }} as value_findings
    from typed

)

select * from final
