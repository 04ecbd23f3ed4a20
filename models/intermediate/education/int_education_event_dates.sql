{# One row per pupil with a suspension, permanent exclusion or persistent absence: when each was first.
   Grain: pupil_id.
   Rule: a suspension or exclusion is dated by its start; one without a readable date is dated by the first day of its school
   year if no dated one is earlier. Persistent absence is dated by the nominal first day of its first term, or of its
   school year where terms are not known; a precision column says which: day, term or school_year. #}

with

exclusions as (

    select
        pupil_id,
        exclusion_kind,
        coalesce(exclusion_start_date, {{ school_year_first_day('academic_year_end') }}) as event_date,
        case when exclusion_start_date is null then 'school_year' else 'day' end as date_precision
    from {{ ref('int_exclusion_rows_marked') }}
    where ledger_rule_id = 'used'

),

persistent_absences as (

    select
        pupil_id,
        'persistent_absence' as event,
        case first_persistently_absent_term
            when 'spring' then make_date(academic_year_end, 1, 1)
            when 'summer' then make_date(academic_year_end, 4, 1)
            else {{ school_year_first_day('academic_year_end') }}
        end as event_date,
        case when first_persistently_absent_term is null then 'school_year' else 'term' end as date_precision
    from {{ ref('int_absence_years') }}
    where is_persistently_absent

),

events as (

    select pupil_id, exclusion_kind as event, event_date, date_precision from exclusions
    union all
    select pupil_id, event, event_date, date_precision from persistent_absences

),

first_dates as (

    select pupil_id, event, min(event_date) as event_date
    from events
    group by pupil_id, event

),

{% set kinds = {'suspension': 'suspension', 'permanent': 'permanent_exclusion', 'persistent_absence': 'persistent_absence'} -%}
final as (

    -- of two events on the first date, the one known to the day is the more precise
    select
        first_dates.pupil_id,
        {% for event, name in kinds.items() -%}
        max(case when first_dates.event = '{{ event }}' then first_dates.event_date end) as first_{{ name }}_date,
        min(case when first_dates.event = '{{ event }}' then events.date_precision end) as first_{{ name }}_date_precision{{ ',' if not loop.last }}
        {% endfor %}
    from first_dates
    inner join events
        on first_dates.pupil_id = events.pupil_id and first_dates.event = events.event and first_dates.event_date = events.event_date
    group by first_dates.pupil_id

)

select * from final
