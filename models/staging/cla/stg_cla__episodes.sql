{# One row per row of the looked-after return as delivered, typed and with codes tidied.
   Grain: none; rows repeat as delivered.   Keeps: every row, malformed ones included. #}
-- depends_on: {{ ref('recodes') }}

with

source as (

    select * from {{ source('cla', 'episodes') }}

),

typed as (

    select
        *,
        {{ clean_id('mojuid') }} as moj_uid,
        {{ clean_id('pupil_matching_ref') }} as pupil_id,
        {{ clean_id('child_id') }} as local_child_id,
        {{ clean_code('la') }} as local_authority_code,
        coalesce({{ clean_code('child_la_code') }}, {{ clean_code('la') }}) as child_local_authority_code,
        {{ academic_year_end('acadyr') }} as return_year,

        {{ clean_code('cat_need', 'cla_category_of_need') }} as category_of_need_code,
        {{ clean_code('legal_status', 'cla_legal_status') }} as legal_status_code,
        {{ clean_code('placement', 'cla_placement') }} as placement_code,
        {{ clean_code('rec', 'cla_reason_ceased') }} as reason_ceased_code,
        {{ clean_code('reason_for_new_episode', 'cla_reason_new_episode') }} as reason_new_episode_code,
        {{ clean_code('reason_place_change') }} as reason_place_change_code,
        {{ clean_code('sex', 'sex') }} as sex_code,
        {{ clean_code('ethnic', 'ethnicity') }} as ethnicity_code,

        {{ clean_integer('year_of_birth') }} as birth_year,
        {{ clean_integer('month_of_birth') }} as birth_month,
        {{ clean_integer('poc_length') }} as period_of_care_days,

        {{ clean_flag('uasc_status') }} as is_unaccompanied_asylum_seeker,
        {{ clean_flag('cla_31_march') }} as is_looked_after_31_march,
        {{ clean_flag('cla_6_months') }} as is_looked_after_6_months,
        {{ clean_flag('cla_12_months') }} as is_looked_after_12_months,
        {{ clean_flag('cla_pp_6_months') }} as is_pupil_premium_6_months,
        {{ clean_flag('cla_pp_1_day') }} as is_pupil_premium_1_day,

        {{ clean_date('poc_start') }} as period_of_care_start_date,
        {{ clean_date('date_epi_comm') }} as episode_start_date,
        {{ clean_date('date_epi_ceased') }} as episode_end_date
    from source

),

final as (

    select
        source_file,
        is_malformed_row,

        moj_uid,
        pupil_id,
        child_local_authority_code || '-' || local_child_id as la_child_id,
        local_authority_code,
        return_year,

        category_of_need_code,
        legal_status_code,
        placement_code,
        reason_ceased_code,
        reason_new_episode_code,
        reason_place_change_code,
        sex_code,
        ethnicity_code,

        birth_year,
        birth_month,
        period_of_care_days,

        is_unaccompanied_asylum_seeker,
        is_looked_after_31_march,
        is_looked_after_6_months,
        is_looked_after_12_months,
        is_pupil_premium_6_months,
        is_pupil_premium_1_day,

        period_of_care_start_date,
        episode_start_date,
        episode_end_date,

        {{ value_findings(
            dates={
                'period_of_care_start_date': 'poc_start',
                'episode_start_date': 'date_epi_comm',
                'episode_end_date': 'date_epi_ceased',
            },
            values={
                'sex_code': 'sex',
                'return_year': 'acadyr',
                'birth_year': 'year_of_birth',
                'birth_month': 'month_of_birth',
                'period_of_care_days': 'poc_length',
                'is_unaccompanied_asylum_seeker': 'uasc_status',
                'is_looked_after_31_march': 'cla_31_march',
                'is_looked_after_6_months': 'cla_6_months',
                'is_looked_after_12_months': 'cla_12_months',
                'is_pupil_premium_6_months': 'cla_pp_6_months',
                'is_pupil_premium_1_day': 'cla_pp_1_day',
            },
            codes={
                'category_of_need_code': 'cat_need',
                'legal_status_code': 'legal_status',
                'placement_code': 'placement',
                'reason_ceased_code': 'rec',
                'reason_new_episode_code': 'reason_for_new_episode',
                'ethnicity_code': 'ethnic',
            },
        ) }} as value_findings
    from typed

)

select * from final
