{# One row per delivered key stage 4 result, read by the rules of its year, with what becomes of it.
   Grain: none, as delivered.
   Rule: the column of level 2 and of points is the one that the seed education_years gives for the year. Of a pupil's
   results the one used counts in national results if any does, then is the best: level 2 with English and maths, five good
   passes with both, more good passes, more passes, any pass, and only then Attainment 8 and points, which not every year has,
   within the years that have the same of them; of two such spans the earlier goes first. Then the earliest. #}

with

delivered as (

    select * from {{ ref('stg_npd__ks4') }}

),

years as (

    select
        academic_year_end,
        ks4_level2_column,
        ks4_points_column,
        attainment_8_scale,
        has_ebacc,
        min(academic_year_end) over (partition by ks4_points_column, attainment_8_scale) as first_year_of_points
    from {{ ref('education_years') }}

),

establishment_types as (

    select code, code_group from {{ ref('npd_establishment_type') }}

),

measured as (

    select
        delivered.*,
        years.ks4_level2_column,
        years.ks4_points_column,
        years.first_year_of_points,
        case years.ks4_level2_column
            when 'has_level2_em' then delivered.has_level2_em
            when 'has_level2_em_ptq' then delivered.has_level2_em_ptq
            when 'has_level2_em_ptq_ee' then delivered.has_level2_em_ptq_ee
            when 'has_glevel2em_ptq_ee' then delivered.has_glevel2em_ptq_ee
        end as achieved_level2_english_maths,
        case years.ks4_points_column
            when 'points_ptscnewe' then delivered.points_ptscnewe
            when 'points_ptscnewe_ptq' then delivered.points_ptscnewe_ptq
            when 'points_ptscnewe_ptq_ee' then delivered.points_ptscnewe_ptq_ee
        end as ks4_capped_points,
        case when years.attainment_8_scale is not null then delivered.attainment_8_score end as attainment_8,
        case when years.has_ebacc then delivered.has_ebacc_94 end as achieved_ebacc,
        case
            when not delivered.is_on_roll_of_school then 'private_candidate'
            when establishment_types.code_group is not null then establishment_types.code_group
            when delivered.establishment_type_code is not null then 'unmapped'
        end as ks4_setting
    from delivered
    left join years on delivered.academic_year_end = years.academic_year_end
    left join establishment_types on delivered.establishment_type_code = establishment_types.code

),

judged as (

    select
        *,
        achieved_level2_english_maths and n_good_passes >= 5 as achieved_five_good_passes_english_maths
    from measured

),

{# The total order in which a pupil's results are preferred; rows alike in every value share their rank. #}
{%- set row_order %}
    case when is_malformed_row or academic_year_end is null then 1 else 0 end nulls last,
    case when is_in_national_results then 0 else 1 end nulls last,
    case when achieved_level2_english_maths then 0 else 1 end nulls last,
    case when achieved_five_good_passes_english_maths then 0 else 1 end nulls last,
    n_good_passes desc nulls last, n_passes desc nulls last, case when has_any_pass then 0 else 1 end nulls last,
    first_year_of_points nulls last, attainment_8 desc nulls last, ks4_capped_points desc nulls last,
    academic_year_end nulls last, is_in_national_results nulls last,
    has_level2_em nulls last, has_level2_em_ptq nulls last, has_level2_em_ptq_ee nulls last, has_glevel2em_ptq_ee nulls last,
    has_level1_em nulls last, has_any_pass nulls last, has_ebacc_94 nulls last, has_entry_1 nulls last, has_entry_5 nulls last,
    attainment_8_score nulls last, points_ptscnewe nulls last, points_ptscnewe_ptq nulls last, points_ptscnewe_ptq_ee nulls last,
    n_entries nulls last, establishment_type_code nulls last, is_on_roll_of_school nulls last
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
        is_in_national_results,
        ks4_setting,
        ks4_level2_column,
        achieved_level2_english_maths,
        achieved_five_good_passes_english_maths,
        has_level1_em as achieved_five_passes_english_maths,
        has_any_pass as achieved_any_pass,
        achieved_ebacc,
        attainment_8,
        ks4_capped_points,
        has_entry_1 as entered_any,
        has_entry_5 as entered_five,
        n_entries,
        n_good_passes,
        n_passes
    from numbered

)

select * from final
