{# One row per key stage 2 result as delivered: levels to 2015, scaled scores from 2016.
   Grain: none; a pupil may have several rows.   Keeps: every row, malformed ones included. #}

with

source as (

    select * from {{ source('npd', 'ks2') }}

),

typed as (

    select
        *,
        {{ clean_id('pupil_matching_ref') }} as pupil_id,
        {{ academic_year_end('academic_year') }} as academic_year_end,
        {{ clean_flag('natres') }} as is_in_national_results,
        {{ clean_code('english_level') }} as english_level_code,
        {{ clean_code('reading_level') }} as reading_level_code,
        {{ clean_code('maths_level') }} as maths_level_code,
        {{ clean_integer('reading_score') }} as reading_scaled_score,
        {{ clean_integer('maths_score') }} as maths_scaled_score
    from source

),

final as (

    select
        source_file,
        is_malformed_row,

        pupil_id,
        academic_year_end,
        is_in_national_results,

        english_level_code,
        reading_level_code,
        maths_level_code,
        reading_scaled_score,
        maths_scaled_score,

        {{ value_findings(
            values={
                'academic_year_end': 'academic_year',
                'is_in_national_results': 'natres',
                'reading_scaled_score': 'reading_score',
                'maths_scaled_score': 'maths_score',
            },
        ) }} as value_findings
    from typed

)

select * from final
