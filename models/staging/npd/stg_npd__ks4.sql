{# One row per key stage 4 result as delivered, the measures of every reform side by side.
   Grain: none; a pupil may have several rows.   Keeps: every row, malformed ones included. #}

with

source as (

    select * from {{ source('npd', 'ks4') }}

),

typed as (

    select
        *,
        {{ clean_id('pupil_matching_ref') }} as pupil_id,
        {{ academic_year_end('academic_year') }} as academic_year_end,
        {{ clean_flag('natres') }} as is_in_national_results,
        lpad({{ clean_code('toe_code') }}, 2, '0') as establishment_type_code,
        {{ clean_flag('norflage') }} as is_on_roll_of_school,

        {{ clean_flag('level2_em') }} as has_level2_em,
        {{ clean_flag('level2_em_ptq') }} as has_level2_em_ptq,
        {{ clean_flag('level2_em_ptq_ee') }} as has_level2_em_ptq_ee,
        {{ clean_flag('glevel2em_ptq_ee') }} as has_glevel2em_ptq_ee,
        {{ clean_flag('level1_em') }} as has_level1_em,
        {{ clean_flag('any_pass') }} as has_any_pass,
        {{ clean_flag('ebacc_94') }} as has_ebacc_94,
        {{ clean_flag('entry_1') }} as has_entry_1,
        {{ clean_flag('entry_5') }} as has_entry_5,

        {{ clean_decimal('att8') }} as attainment_8_score,
        {{ clean_decimal('ptscnewe') }} as points_ptscnewe,
        {{ clean_decimal('ptscnewe_ptq') }} as points_ptscnewe_ptq,
        {{ clean_decimal('ptscnewe_ptq_ee') }} as points_ptscnewe_ptq_ee,
        {{ clean_integer('entries') }} as n_entries,
        {{ clean_integer('passes_ac') }} as n_good_passes,
        {{ clean_integer('passes_ag') }} as n_passes
    from source

),

final as (

    select
        source_file,
        is_malformed_row,

        pupil_id,
        academic_year_end,
        is_in_national_results,
        establishment_type_code,
        is_on_roll_of_school,

        has_level2_em,
        has_level2_em_ptq,
        has_level2_em_ptq_ee,
        has_glevel2em_ptq_ee,
        has_level1_em,
        has_any_pass,
        has_ebacc_94,
        has_entry_1,
        has_entry_5,

        attainment_8_score,
        points_ptscnewe,
        points_ptscnewe_ptq,
        points_ptscnewe_ptq_ee,
        n_entries,
        n_good_passes,
        n_passes,

        {{ value_findings(
            values={
                'academic_year_end': 'academic_year',
                'is_in_national_results': 'natres',
                'is_on_roll_of_school': 'norflage',
                'has_level2_em': 'level2_em',
                'has_level2_em_ptq': 'level2_em_ptq',
                'has_level2_em_ptq_ee': 'level2_em_ptq_ee',
                'has_glevel2em_ptq_ee': 'glevel2em_ptq_ee',
                'has_level1_em': 'level1_em',
                'has_any_pass': 'any_pass',
                'has_ebacc_94': 'ebacc_94',
                'has_entry_1': 'entry_1',
                'has_entry_5': 'entry_5',
                'attainment_8_score': 'att8',
                'points_ptscnewe': 'ptscnewe',
                'points_ptscnewe_ptq': 'ptscnewe_ptq',
                'points_ptscnewe_ptq_ee': 'ptscnewe_ptq_ee',
                'n_entries': 'entries',
                'n_good_passes': 'passes_ac',
                'n_passes': 'passes_ag',
            },
        ) }} as value_findings
    from typed

)

select * from final
