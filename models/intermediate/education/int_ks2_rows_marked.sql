{# One row per delivered key stage 2 result, read by the rules of its year, with what becomes of it.
   Grain: none, as delivered.
   Rule: the columns and the expected standard are those that the seed education_years gives for the year. Of a pupil's
   results the one used counts in national results if any does, then is the best: the standard in most subjects, then in
   English, then the higher value in English and in mathematics. Values are compared within one scale alone, as a level says
   nothing beside a scaled score; of two scales the earlier goes first. Then the earliest. A letter that stands for no result
   (seed npd_ks2_level) is unknown, not below. #}

with

delivered as (

    select * from {{ ref('stg_npd__ks2') }}

),

years as (

    -- what is expected tells the scale: 4 is a level, 100 a scaled score
    select
        academic_year_end,
        ks2_english_column,
        ks2_maths_column,
        ks2_expected_at_least,
        min(academic_year_end) over (partition by ks2_expected_at_least) as first_year_of_scale
    from {{ ref('education_years') }}

),

levels as (

    select code, level_number from {{ ref('npd_ks2_level') }}

),

{# The value, as a number, of the column that serves in the year. -#}
{%- set columns = {
    'english': [('english_level_code', 'english.level_number'), ('reading_level_code', 'reading.level_number'), ('reading_scaled_score', 'delivered.reading_scaled_score')],
    'maths': [('maths_level_code', 'maths.level_number'), ('maths_scaled_score', 'delivered.maths_scaled_score')],
} %}
measured as (

    select
        delivered.*,
        years.ks2_expected_at_least,
        years.first_year_of_scale,
        {% for subject, choices in columns.items() -%}
        years.ks2_{{ subject }}_column,
        case years.ks2_{{ subject }}_column
            {% for column, value in choices -%}
            when '{{ column }}' then {{ value }}
            {% endfor -%}
        end as {{ subject }}_value{{ ',' if not loop.last }}
        {% endfor %}
    from delivered
    left join years on delivered.academic_year_end = years.academic_year_end
    left join levels as english on delivered.english_level_code = english.code
    left join levels as reading on delivered.reading_level_code = reading.code
    left join levels as maths on delivered.maths_level_code = maths.code

),

judged as (

    select
        *,
        english_value >= ks2_expected_at_least as is_expected_english,
        maths_value >= ks2_expected_at_least as is_expected_maths
    from measured

),

{# The total order in which a pupil's results are preferred; rows alike in every value share their rank. #}
{%- set row_order %}
    case when is_malformed_row or academic_year_end is null then 1 else 0 end nulls last,
    case when is_in_national_results then 0 else 1 end nulls last,
    case when is_expected_english then 0 else 1 end + case when is_expected_maths then 0 else 1 end nulls last,
    case when is_expected_english then 0 else 1 end nulls last,
    case when english_value is null and maths_value is null then 1 else 0 end nulls last, first_year_of_scale nulls last,
    english_value desc nulls last, maths_value desc nulls last, academic_year_end nulls last,
    english_level_code nulls last, reading_level_code nulls last, maths_level_code nulls last,
    reading_scaled_score nulls last, maths_scaled_score nulls last, is_in_national_results nulls last
{%- endset %}
numbered as (

    select
        *,
        row_number() over (partition by pupil_id order by {{ row_order }}, source_file nulls last) as place,
        rank() over (partition by pupil_id order by {{ row_order }}) as rank_of_values
    from judged

),

final as (

    select
        source_file,
        case
            when is_malformed_row then 'malformed_row'
            when academic_year_end is null then 'no_return_year'
            when pupil_id is null then 'no_pupil_id'
            when place > rank_of_values then 'exact_duplicate'
            when place > 1 then 'other_result'
            else 'used'
        end as ledger_rule_id,
        pupil_id,
        academic_year_end,
        ks2_english_column,
        ks2_maths_column,
        is_expected_english,
        is_expected_maths,
        is_in_national_results
    from numbered

)

select * from final
