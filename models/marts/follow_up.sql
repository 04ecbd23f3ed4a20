{# One row per pupil who can be followed: from when, until when, why it ends, and the first sanctioned offence in between.
   Grain: pupil_id.
   Population: pupils with a known birth whose sanctions are known, who were not sanctioned for an offence before they could
   be followed, and of whom no ambiguous person key tells.
   Rule: follow-up runs from the 10th birthday, or the first day of the justice data, to the first sanctioned offence, the
   day of death in care, or the last day of the justice data, whichever is first. Days run from start_date to the day before
   stop_date; the day of the offence is the last at risk. #}

with

outcomes as (

    select pupil_id, follow_up_start_date, follow_up_end_date, first_offence_date
    from {{ ref('justice_outcomes') }}
    where n_sanctions is not null and not coalesce(has_ambiguous_link, false) and follow_up_start_date is not null

),

births as (

    select pupil_id, notional_birth_date from {{ ref('pupils') }}

),

deaths as (

    -- reason ceased E2; deaths out of care are not known
    select pupil_id, min(episode_end_date) as death_date
    from {{ ref('int_care_episodes') }}
    where reason_ceased_code = 'E2' and pupil_id is not null
    group by pupil_id

),

dated as (

    select
        outcomes.pupil_id,
        {{ birthday('births.notional_birth_date', var('criminal_responsibility_age')) }} as origin_date,
        outcomes.follow_up_start_date as start_date,
        cast({{ dbt.dateadd('day', 1, 'outcomes.follow_up_end_date') }} as date) as data_stop_date,
        cast({{ dbt.dateadd('day', 1, 'deaths.death_date') }} as date) as death_stop_date,
        case when outcomes.first_offence_date <= outcomes.follow_up_end_date then outcomes.first_offence_date end as first_offence_date
    from outcomes
    inner join births on outcomes.pupil_id = births.pupil_id
    left join deaths on outcomes.pupil_id = deaths.pupil_id
    where coalesce(outcomes.first_offence_date >= outcomes.follow_up_start_date, true)
        and coalesce(deaths.death_date >= outcomes.follow_up_start_date, true)

),

ended as (

    select
        *,
        cast({{ dbt.dateadd('day', 1, 'first_offence_date') }} as date) as offence_stop_date,
        case when death_stop_date < data_stop_date then death_stop_date else data_stop_date end as censored_stop_date
    from dated

),

final as (

    select
        pupil_id,
        origin_date,
        start_date,
        case when offence_stop_date <= censored_stop_date then offence_stop_date else censored_stop_date end as stop_date,
        case when offence_stop_date <= censored_stop_date then first_offence_date end as event_date,
        case
            when offence_stop_date <= censored_stop_date then 'event'
            when death_stop_date < data_stop_date then 'death'
            else 'end_of_data'
        end as stop_kind
    from ended

)

select * from final
