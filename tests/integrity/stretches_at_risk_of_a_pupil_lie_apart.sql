{# Stretches in order, none empty, none over the next, none beyond follow-up, and all but the first after a day in which something changed. #}
with

ordered as (

    select
        pupil_id,
        start_date,
        stop_date,
        stop_kind,
        is_event,
        lead(start_date) over (partition by pupil_id order by spell_number nulls last) as next_start_date
    from {{ ref('at_risk_spells') }}

)

select ordered.pupil_id, ordered.start_date
from ordered
left join {{ ref('follow_up') }} as follow_up on ordered.pupil_id = follow_up.pupil_id
where ordered.start_date >= ordered.stop_date
    or ordered.next_start_date < ordered.stop_date
    or (ordered.is_event and ordered.next_start_date is not null)
    or ordered.is_event <> (ordered.stop_kind = 'event')
    or coalesce(ordered.start_date < follow_up.start_date or ordered.stop_date > follow_up.stop_date, true)
