{# One row per suspension, lunchtime exclusion or permanent exclusion as delivered, wide years turned long.
   Grain: none; the same exclusion may be reported twice.   Keeps: every filled slot, every row without one as a row of its
   own, malformed rows included: as many facts out as in. #}
-- depends_on: {{ ref('recodes') }}

with

source as (

    select * from {{ source('npd', 'exclusions') }}

),

slots as (

    {{ turn_slots_long(
        'source',
        kept=['source_file', 'is_malformed_row', 'pupil_matching_ref', 'academic_year', 'total_fixed_exclusions'],
        slotted=['category', 'reason', 'start_date', 'sessions'],
        n_slots=slots_declared('npd', 'exclusions'),
    ) }}

),

typed as (

    select
        *,
        {{ clean_id('pupil_matching_ref') }} as pupil_id,
        {{ academic_year_end_or_of_file('academic_year', 'source_file') }} as academic_year_end,
        {{ clean_text('academic_year') }} is null and not is_malformed_row as is_year_of_file,

        {{ clean_code('category', 'exclusion_category') }} as exclusion_category_code,
        {{ clean_code('reason') }} as exclusion_reason_code,
        {{ clean_date('start_date') }} as exclusion_start_date,
        case when {{ clean_integer('sessions') }} between 0 and {{ var('max_sessions_in_year') }} then {{ clean_integer('sessions') }} end as n_sessions_lost,
        {{ clean_integer('total_fixed_exclusions') }} as n_fixed_exclusions_stated
    from slots

),

final as (

    select
        source_file,
        is_malformed_row,

        pupil_id,
        academic_year_end,
        is_year_of_file,
        slot_number,
        is_first_slot,

        exclusion_category_code,
        exclusion_reason_code,
        exclusion_start_date,
        n_sessions_lost,
        n_fixed_exclusions_stated,

        {{ value_findings(
            dates={'exclusion_start_date': 'start_date'},
            values={
                'academic_year_end': 'academic_year',
                'n_sessions_lost': 'sessions',
                'n_fixed_exclusions_stated': 'total_fixed_exclusions',
            },
            codes={'exclusion_category_code': 'category'},
        ) }} as value_findings
    from typed

)

select * from final
