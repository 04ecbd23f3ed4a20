{# Days at risk of the panel, the stretches at risk, and follow-up less the nights in custody, counted apart; and the events.
   Every pupil is asked, so that one who is not followed has no stretch, no day at risk and no event. #}
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

),

expected as (

    select
        follow_up.pupil_id,
        coalesce({{ dbt.datediff('follow_up.start_date', 'follow_up.stop_date', 'day') }}, 0) - coalesce(nights.n_nights, 0) as n_days,
        -- the first sanction of the mart, where it falls into the days followed
        case when first_sanctions.offence_date >= follow_up.start_date and first_sanctions.offence_date < follow_up.stop_date then first_sanctions.offence_date end
            as event_date,
        follow_up.event_date as event_date_of_follow_up
    from {{ ref('follow_up') }} as follow_up
    left join nights on follow_up.pupil_id = nights.pupil_id
    left join first_sanctions on follow_up.pupil_id = first_sanctions.pupil_id

)

select expected.pupil_id
from expected
left join spells on expected.pupil_id = spells.pupil_id
left join panel on expected.pupil_id = panel.pupil_id
where coalesce(spells.n_days, 0) <> expected.n_days
    or coalesce(panel.n_days, 0) <> expected.n_days
    or coalesce(spells.n_events, 0) <> case when expected.event_date is not null then 1 else 0 end
    or expected.event_date is distinct from expected.event_date_of_follow_up
    or cast({{ dbt.dateadd('day', -1, 'spells.event_stop_date') }} as date) is distinct from expected.event_date
