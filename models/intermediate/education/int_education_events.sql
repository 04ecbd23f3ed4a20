{# One row per suspension, permanent exclusion and persistently absent school year of a pupil: when it began, and how sure that is.
   Grain: none, as reported; two undated suspensions of a year are alike.
   Population: used rows of int_exclusion_rows_marked, persistently absent years of int_absence_years.
   Rule: a suspension or exclusion is dated by its start; one without a readable date by the first day of its school year.
   Persistent absence is dated by the nominal first day of its first term, or of its school year where terms are not known,
   and lasts to the end of that year. The precision says what the date stands for: day, term or school_year. #}

{{ config(materialized='view') }}

with

exclusions as (

    select
        pupil_id,
        case exclusion_kind when 'suspension' then 'suspension' when 'permanent' then 'permanent_exclusion' end as event_kind,
        coalesce(exclusion_start_date, {{ school_year_first_day('academic_year_end') }}) as start_date,
        cast(null as date) as end_date,
        case when exclusion_start_date is null then 'school_year' else 'day' end as date_precision,
        exclusion_reason_code as detail_code
    from {{ ref('int_exclusion_rows_marked') }}
    where ledger_rule_id = 'used'

),

persistent_absences as (

    select
        pupil_id,
        'persistent_absence' as event_kind,
        case first_persistently_absent_term
            when 'spring' then make_date(academic_year_end, 1, 1)
            when 'summer' then make_date(academic_year_end, 4, 1)
            else {{ school_year_first_day('academic_year_end') }}
        end as start_date,
        {{ school_year_last_day('academic_year_end') }} as end_date,
        case when first_persistently_absent_term is null then 'school_year' else 'term' end as date_precision,
        cast(null as {{ dbt.type_string() }}) as detail_code
    from {{ ref('int_absence_years') }}
    where is_persistently_absent

),

final as (

    select pupil_id, event_kind, start_date, end_date, date_precision, detail_code from exclusions
    union all
    select pupil_id, event_kind, start_date, end_date, date_precision, detail_code from persistent_absences

)

select * from final
