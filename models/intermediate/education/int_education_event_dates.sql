{# One row per pupil with a suspension, permanent exclusion or persistent absence: when each was first.
   Grain: pupil_id.   Population: pupils of int_education_events.
   Rule: the earliest date of its kind; of two events on it, the one known to the day is the more precise. #}

with

events as (

    select pupil_id, event_kind, start_date, date_precision from {{ ref('int_education_events') }}

),

first_dates as (

    select pupil_id, event_kind, min(start_date) as start_date
    from events
    group by pupil_id, event_kind

),

final as (

    -- day comes before school_year and term in the alphabet, and no kind has both of these on one date
    select
        first_dates.pupil_id,
        {% for kind in ['suspension', 'permanent_exclusion', 'persistent_absence'] -%}
        max(case when first_dates.event_kind = '{{ kind }}' then first_dates.start_date end) as first_{{ kind }}_date,
        min(case when first_dates.event_kind = '{{ kind }}' then events.date_precision end) as first_{{ kind }}_date_precision{{ ',' if not loop.last }}
        {% endfor %}
    from first_dates
    inner join events
        on first_dates.pupil_id = events.pupil_id and first_dates.event_kind = events.event_kind and first_dates.start_date = events.start_date
    group by first_dates.pupil_id

)

select * from final
