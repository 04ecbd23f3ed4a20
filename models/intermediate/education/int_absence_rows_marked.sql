{# One row per delivered absence row, its sessions worked out, with what becomes of it.
   Grain: none, as delivered: an enrolment of a pupil in a school year.
   Rule: sessions are the sum of the terms, the sixth half term among them in the years whose absence covers six; only a row
   without any such term falls back on the total of the year. Overall absence is authorised and unauthorised together. A row with
   more possible sessions than a year has (var max_sessions_in_year), more missed than possible, or a number below 0 in any
   term that counts, is not believed. #}

{% set kinds = ['sessions_possible', 'authorised_absence', 'unauthorised_absence'] -%}
{% set terms = ['autumn', 'spring', 'summer', 'summer_6th'] -%}

{%- set row_order %}
    school_urn nulls last{% for kind in kinds %}{% for term in terms + ['annual'] %}, n_{{ kind }}_{{ term }} nulls last{% endfor %}{% endfor %},
    n_unauthorised_other_annual nulls last
{%- endset %}

with

years as (

    select academic_year_end, n_half_terms from {{ ref('education_years') }}

),

repeated_keys as (

    select pupil_id, academic_year_end
    from {{ ref('stg_npd__absence') }}
    where pupil_id is not null and academic_year_end is not null
    group by pupil_id, academic_year_end
    having count(*) > 1

),

-- nearly every pupil has one row in a year: only the others are put in order
numbered as (

    select delivered.*, true as is_only_row_of_year, cast(1 as bigint) as place, cast(1 as bigint) as rank_of_values
    from {{ ref('stg_npd__absence') }} as delivered
    left join repeated_keys on delivered.pupil_id = repeated_keys.pupil_id and delivered.academic_year_end = repeated_keys.academic_year_end
    where repeated_keys.pupil_id is null
    union all
    select
        delivered.*,
        false as is_only_row_of_year,
        row_number() over (
            partition by delivered.pupil_id, delivered.academic_year_end order by {{ row_order }}, source_file nulls last
        ) as place,
        rank() over (partition by delivered.pupil_id, delivered.academic_year_end order by {{ row_order }}) as rank_of_values
    from {{ ref('stg_npd__absence') }} as delivered
    inner join repeated_keys on delivered.pupil_id = repeated_keys.pupil_id and delivered.academic_year_end = repeated_keys.academic_year_end

),

with_half_terms as (

    -- in a year of five half terms the sixth counts for nothing
    select
        numbered.*,
        {% for kind in kinds -%}
        case when coalesce(years.n_half_terms, 6) = 6 then n_{{ kind }}_summer_6th end as n_{{ kind }}_sixth{{ ',' if not loop.last }}
        {% endfor %}
    from numbered
    left join years on numbered.academic_year_end = years.academic_year_end

),

by_term as (

    select
        *,
        coalesce(
            n_sessions_possible_autumn, n_sessions_possible_spring, n_sessions_possible_summer, n_sessions_possible_sixth
        ) is not null as has_terms,
        -- a term below 0 would lower the sum unseen
        least(
            0,
            {% for kind in kinds -%}
            n_{{ kind }}_autumn, n_{{ kind }}_spring, n_{{ kind }}_summer, n_{{ kind }}_sixth{{ ',' if not loop.last }}
            {% endfor -%}
        ) < 0 as has_term_below_0,
        -- bigint, so that no sum of what was delivered is too large before it is judged
        {% for kind in kinds -%}
        cast(coalesce(n_{{ kind }}_autumn, 0) as bigint) as {{ kind }}_autumn,
        cast(coalesce(n_{{ kind }}_spring, 0) as bigint) as {{ kind }}_spring,
        cast(coalesce(n_{{ kind }}_summer, 0) as bigint) + coalesce(n_{{ kind }}_sixth, 0) as {{ kind }}_summer{{ ',' if not loop.last }}
        {% endfor %}
    from with_half_terms

),

of_year as (

    select
        *,
        {% for kind in kinds -%}
        case when has_terms then {{ kind }}_autumn + {{ kind }}_spring + {{ kind }}_summer else cast(n_{{ kind }}_annual as bigint) end as n_{{ kind }}{{ ',' if not loop.last }}
        {% endfor %}
    from by_term

),

final as (

    select
        source_file,
        case
            when is_malformed_row then 'malformed_row'
            when academic_year_end is null then 'no_return_year'
            when pupil_id is null then 'no_pupil_id'
            when place > rank_of_values then 'exact_duplicate'
            when n_sessions_possible not between 0 and {{ var('max_sessions_in_year') }}
                or coalesce(n_authorised_absence, 0) + coalesce(n_unauthorised_absence, 0) > n_sessions_possible
                or n_authorised_absence < 0 or n_unauthorised_absence < 0 or (has_terms and has_term_below_0)
                or n_unauthorised_other_annual not between 0 and n_sessions_possible
                then 'impossible_sessions'
            else 'used'
        end as ledger_rule_id,
        pupil_id,
        academic_year_end,
        is_year_of_file,
        is_only_row_of_year,
        try_cast(n_sessions_possible as integer) as n_sessions_possible,
        case when n_sessions_possible is not null then try_cast(coalesce(n_authorised_absence, 0) as integer) end as n_authorised_absence,
        case when n_sessions_possible is not null then try_cast(coalesce(n_unauthorised_absence, 0) as integer) end as n_unauthorised_absence,
        case when n_sessions_possible is not null then n_unauthorised_other_annual end as n_unauthorised_other_absence,
        {% for term in ['autumn', 'spring', 'summer'] -%}
        case when has_terms then try_cast(sessions_possible_{{ term }} as integer) end as n_sessions_possible_{{ term }},
        case when has_terms then try_cast(authorised_absence_{{ term }} + unauthorised_absence_{{ term }} as integer) end as n_absence_{{ term }}{{ ',' if not loop.last }}
        {% endfor %}
    from of_year

)

select * from final
