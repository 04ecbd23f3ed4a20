{# One row per pupil, first event of care or school, and first offence or first serious violence, where the pupil has both:
   which came first, and by how much.
   Grain: pupil_id, event, outcome.
   Rule: an event known to the day is set against the day of the offence. One known only to a year or term may lie on any
   day of it: where the first and the last of them give the same order that is the order, else it is undetermined. #}

with

level_dates as (

    select pupil_id, level, first_known_date, date_precision from {{ ref('int_social_care_level_changes') }}

),

first_contacts as (

    -- the level first known; of two on one day the more precise
    select
        pupil_id,
        min(cast(first_known_date as {{ dbt.type_string() }}) || date_precision) as day_and_precision
    from level_dates
    group by pupil_id

),

care_events as (

    select
        pupil_id,
        'contact' as event,
        cast(substring(day_and_precision, 1, 10) as date) as event_date,
        substring(day_and_precision, 11) as date_precision
    from first_contacts
    union all
    select pupil_id, level as event, first_known_date as event_date, date_precision
    from level_dates
    where level in ('child_in_need', 'child_protection_plan', 'child_looked_after')

),

care_windows as (

    -- a date that stands for a return year is its last day
    select
        pupil_id,
        event,
        event_date,
        date_precision,
        case
            when date_precision = 'return_year' then {{ return_year_first_day(return_year_of('event_date')) }}
            else event_date
        end as earliest_date,
        event_date as latest_date
    from care_events

),

events as (

    select * from care_windows

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
