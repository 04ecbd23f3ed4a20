{# Days at risk of the panel, the stretches at risk, and follow-up less the nights in custody, counted apart; and the events. #}
with

spells as (

    select
        pupil_id,
        sum(stop_day - start_day) as n_days,
        sum(case when is_event then 1 else 0 end) as n_events,
        max(case when is_event then stop_date end) as event_stop_date
    from {{ ref('at_risk_spells') }}
    group by pupil_id

),

panel as (

    select pupil_id, sum(days_at_risk) as n_days
    from {{ ref('pupil_years') }}
    group by pupil_id

),

nights as (

    select follow_up.pupil_id, sum(
        {{ dbt.datediff('greatest(custody.nights_from_date, follow_up.start_date)', 'least(custody.nights_to_date, follow_up.stop_date)', 'day') }}
        - case when follow_up.event_date >= custody.nights_from_date and follow_up.event_date < custody.nights_to_date then 1 else 0 end
    ) as n_nights
    from {{ ref('follow_up') }} as follow_up
    inner join {{ ref('int_custody_spells') }} as custody
        on follow_up.pupil_id = custody.pupil_id
        and custody.nights_from_date < follow_up.stop_date
        and custody.nights_to_date > follow_up.start_date
        and custody.nights_to_date > custody.nights_from_date
    group by follow_up.pupil_id

),

first_sanctions as (

    select pupil_id, min(offence_date) as offence_date
    from {{ ref('sanctions') }}
    group by pupil_id

)

select follow_up.pupil_id
from {{ ref('follow_up') }} as follow_up
left join spells on follow_up.pupil_id = spells.pupil_id
left join panel on follow_up.pupil_id = panel.pupil_id
left join nights on follow_up.pupil_id = nights.pupil_id
left join first_sanctions on follow_up.pupil_id = first_sanctions.pupil_id
where coalesce(spells.n_days, 0) <> {{ dbt.datediff('follow_up.start_date', 'follow_up.stop_date', 'day') }} - coalesce(nights.n_nights, 0)
    or coalesce(spells.n_days, 0) <> coalesce(panel.n_days, 0)
    or coalesce(spells.n_events, 0) <> case when follow_up.event_date is not null then 1 else 0 end
    or (follow_up.event_date is not null and follow_up.event_date is distinct from first_sanctions.offence_date)
    or cast({{ dbt.dateadd('day', -1, 'spells.event_stop_date') }} as date) is distinct from follow_up.event_date
