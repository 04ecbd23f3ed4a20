{# One row per pupil and school year with an absence row: sessions summed over enrolments, and persistent absence.
   Grain: pupil_id, academic_year_end.   Population: pupils with an absence row that is sound but for its numbers.
   Rule: persistent absence is 10 % or more of possible sessions in every year (var of DfE's present rule, seed
   education_years for the rule of the time); unauthorised-other counts code O alone. Its first term is the first in which
   10 % or more of the term was missed. Rows under impossible_sessions leave their year without numbers unless another row
   has them. #}

{% set columns = ['sessions_possible', 'authorised_absence', 'unauthorised_absence', 'unauthorised_other_absence', 'sessions_possible_autumn',
    'sessions_possible_spring', 'sessions_possible_summer', 'absence_autumn', 'absence_spring', 'absence_summer'] -%}

with

years as (

    select academic_year_end, persistent_absence_percent from {{ ref('education_years') }}

),

summed as (

    -- nearly every pupil has one row in a year, which is its own sum
    select
        pupil_id,
        academic_year_end{% for column in columns %},
        cast(case when ledger_rule_id = 'used' then n_{{ column }} end as bigint) as n_{{ column }}{% endfor %}
    from {{ ref('int_absence_rows_marked') }}
    where ledger_rule_id in ('used', 'impossible_sessions') and is_only_row_of_year
    union all
    select
        pupil_id,
        academic_year_end{% for column in columns %},
        cast(sum(case when ledger_rule_id = 'used' then n_{{ column }} end) as bigint) as n_{{ column }}{% endfor %}
    from {{ ref('int_absence_rows_marked') }}
    where ledger_rule_id in ('used', 'impossible_sessions') and not is_only_row_of_year
    group by pupil_id, academic_year_end

),

rated as (

    select
        summed.*,
        summed.n_authorised_absence + summed.n_unauthorised_absence as n_overall_absence,
        years.persistent_absence_percent
    from summed
    left join years on summed.academic_year_end = years.academic_year_end

),

-- whole numbers are compared, so that exactly 10 % is not a matter of rounding; without a possible session nothing was missed
flagged as (

    select
        *,
        n_sessions_possible > 0 as has_sessions,
        n_overall_absence * 100 >= n_sessions_possible * 10 as is_at_10_percent,
        n_overall_absence * 100 >= n_sessions_possible * persistent_absence_percent as is_at_rule_of_the_time,
        n_unauthorised_other_absence * 100 >= n_sessions_possible * 10 as is_at_10_percent_unauthorised_other
    from rated

),

final as (

    select
        pupil_id,
        academic_year_end,
        case
            when n_sessions_possible is null then 'unusable_record'
            when not has_sessions then 'zero_possible_sessions'
            else 'sessions_recorded'
        end as absence_status,
        n_sessions_possible,
        n_authorised_absence,
        n_unauthorised_absence,
        n_unauthorised_other_absence,
        n_overall_absence,
        case when has_sessions then is_at_10_percent end as is_persistently_absent,
        case when has_sessions then is_at_rule_of_the_time end as is_persistently_absent_rule_of_the_time,
        case when has_sessions then is_at_10_percent_unauthorised_other end as is_persistently_absent_unauthorised_other,
        case
            when has_sessions and is_at_10_percent then
                case
                    when n_sessions_possible_autumn > 0 and n_absence_autumn * 100 >= n_sessions_possible_autumn * 10 then 'autumn'
                    when n_sessions_possible_spring > 0 and n_absence_spring * 100 >= n_sessions_possible_spring * 10 then 'spring'
                    when n_sessions_possible_summer > 0 and n_absence_summer * 100 >= n_sessions_possible_summer * 10 then 'summer'
                end
        end as first_persistently_absent_term
    from flagged

)

select * from final
