{# One row per pupil: whether it can be followed for a first sanctioned offence, from when, until when, and why that ends.
   Grain: pupil_id.   Population: every pupil of `pupils`.
   Rule: follow-up runs from the 10th birthday, or the first day of the justice data, to the first sanctioned offence, the
   day of death in care or of a move abroad from it, or the last day of the justice data, whichever is first, and of two on one day
   the one named first here. Days run from start_date to the day before
   stop_date; the day of the offence is the last at risk. Who is left out, the first reason that applies: sanctions not known;
   birth not known; the data end before the 10th birthday; an ambiguous person key may be the pupil's; sanctioned for an
   offence before follow-up begins; dead or abroad before. An offence after the last day is no event: var justice_end_date, set some
   months before the last sentence, leaves out the time of whose offences many are not yet sentenced. #}

with

pupils as (

    select pupil_id, notional_birth_date from {{ ref('pupils') }}

),

outcomes as (

    select
        pupil_id,
        n_sanctions is not null as are_sanctions_known,
        coalesce(has_ambiguous_link, false) as has_ambiguous_link,
        follow_up_start_date,
        follow_up_end_date,
        first_offence_date
    from {{ ref('justice_outcomes') }}

),

last_days as (

    select pupil_id, last_date, last_kind from {{ ref('int_last_days') }}

),

judged as (

    select
        pupils.pupil_id,
        {{ birthday('pupils.notional_birth_date', var('criminal_responsibility_age')) }} as origin_date,
        outcomes.follow_up_start_date as start_date,
        cast({{ dbt.dateadd('day', 1, 'outcomes.follow_up_end_date') }} as date) as data_stop_date,
        cast({{ dbt.dateadd('day', 1, 'last_days.last_date') }} as date) as last_stop_date,
        last_days.last_kind,
        cast({{ dbt.dateadd('day', 1, 'outcomes.first_offence_date') }} as date) as offence_stop_date,
        outcomes.first_offence_date,
        case
            when not coalesce(outcomes.are_sanctions_known, false) then 'sanctions_not_known'
            when pupils.notional_birth_date is null then 'birth_not_known'
            when outcomes.follow_up_start_date is null then 'data_end_before_age_10'
            when outcomes.has_ambiguous_link then 'ambiguous_link'
            when outcomes.first_offence_date < outcomes.follow_up_start_date then 'sanctioned_before'
            when last_days.last_date < outcomes.follow_up_start_date and last_days.last_kind = 'death' then 'died_before'
            when last_days.last_date < outcomes.follow_up_start_date then 'moved_abroad_before'
            else 'followed'
        end as follow_up_status
    from pupils
    left join outcomes on pupils.pupil_id = outcomes.pupil_id
    left join last_days on pupils.pupil_id = last_days.pupil_id

),

censored as (

    select
        *,
        case when last_stop_date <= data_stop_date then last_stop_date else data_stop_date end as censored_stop_date,
        case when last_stop_date <= data_stop_date then last_kind else 'end_of_data' end as censored_kind
    from judged

),

final as (

    select
        pupil_id,
        follow_up_status,
        origin_date,
        case when follow_up_status = 'followed' then start_date end as start_date,
        case
            when follow_up_status <> 'followed' then null
            when offence_stop_date <= censored_stop_date then offence_stop_date
            else censored_stop_date
        end as stop_date,
        case when follow_up_status = 'followed' and offence_stop_date <= censored_stop_date then first_offence_date end as event_date,
        case
            when follow_up_status <> 'followed' then null
            when offence_stop_date <= censored_stop_date then 'event'
            else censored_kind
        end as stop_kind
    from censored

)

select * from final
