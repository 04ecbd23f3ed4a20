{# One row per pupil, first event of care or school, and first offence or first serious violence, where the pupil has both:
   which came first, and by how much.
   Grain: pupil_id, event, outcome.
   Rule: an event known to the day is set against the day of the offence. One known only to a year or term, or to
   have come before a day, may lie on any day of it: where the first and the last of them give the same order that is the order, else it is undetermined. #}

with

level_dates as (

    select pupil_id, level, first_known_date, date_precision, earliest_date from {{ ref('int_social_care_level_changes') }}

),

care_windows as (

    -- the first contact may lie on any day from the earliest on which a level can have begun
    select
        pupil_id,
        'contact' as event,
        min(first_known_date) as event_date,
        case
            when max(case when date_precision = 'no_later_than' then 1 else 0 end) = 1 then 'no_later_than'
            when min(earliest_date) < min(first_known_date) then 'return_year'
            else 'day'
        end as date_precision,
        min(earliest_date) as earliest_date,
        min(first_known_date) as latest_date
    from level_dates
    group by pupil_id
    union all
    select pupil_id, level as event, first_known_date as event_date, date_precision, earliest_date, first_known_date as latest_date
    from level_dates
    where level in ('child_in_need', 'child_protection_plan', 'child_looked_after')

),

school_events as (

    {% for event in ['suspension', 'permanent_exclusion', 'persistent_absence'] -%}
    select
        pupil_id,
        '{{ event }}' as event,
        first_{{ event }}_date as event_date,
        first_{{ event }}_date_precision as date_precision
    from {{ ref('int_education_event_dates') }}
    where first_{{ event }}_date is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

school_windows as (

    -- a date that stands for a term or a school year is its first day; a term is taken as four months
    select
        pupil_id,
        event,
        event_date,
        date_precision,
        event_date as earliest_date,
        cast(case
            when date_precision = 'term' then {{ dbt.dateadd('day', -1, dbt.dateadd('month', 4, 'event_date')) }}
            when date_precision = 'school_year' then {{ school_year_last_day(school_year_end_of('event_date')) }}
            else event_date
        end as date) as latest_date
    from school_events

),

events as (

    select * from care_windows
    union all
    select * from school_windows

),

outcomes as (

    select pupil_id, 'offence' as outcome, first_offence_date as outcome_date
    from {{ ref('int_first_offences') }}
    union all
    select pupil_id, 'serious_violence' as outcome, first_serious_violence_date as outcome_date
    from {{ ref('int_first_offences') }}
    where first_serious_violence_date is not null

),

compared as (

    select
        events.pupil_id,
        events.event,
        outcomes.outcome,
        events.event_date,
        events.date_precision,
        outcomes.outcome_date,
        {% for edge in ['earliest', 'latest'] -%}
        case
            when events.{{ edge }}_date = outcomes.outcome_date then 'same_day'
            when events.{{ edge }}_date <= {{ dbt.dateadd('year', -1, 'outcomes.outcome_date') }} then 'event_one_year_or_more_before'
            when events.{{ edge }}_date < outcomes.outcome_date then 'event_within_one_year_before'
            when outcomes.outcome_date <= {{ dbt.dateadd('year', -1, 'events.' ~ edge ~ '_date') }} then 'offence_one_year_or_more_before'
            else 'offence_within_one_year_before'
        end as {{ edge }}_order,
        {% endfor -%}
        {{ dbt.datediff('events.event_date', 'outcomes.outcome_date', 'day') }} as n_days
    from events
    inner join outcomes on events.pupil_id = outcomes.pupil_id

),

final as (

    select
        pupil_id,
        event,
        outcome,
        event_date,
        date_precision,
        outcome_date,
        case when earliest_order = latest_order then latest_order else 'undetermined' end as event_order,
        cast(n_days as integer) as days_event_to_offence
    from compared

)

select * from final
