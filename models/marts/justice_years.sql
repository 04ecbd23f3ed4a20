{# One row per pupil and school year with a sanction or a night in custody: how many of each.
   Grain: pupil_id, academic_year_end.   Population: pupils with a sanction or a night in custody.
   Rule: a sanction counts in the year of its offence, as the timeline is ruled by offences; a night in the year in which it
   begins. Nights within follow-up, the day of the offence that ends it aside, are counted apart, since they are not at risk.
   What was not supplied, or links to nobody, is NULL, as in `justice_outcomes`. #}

with

sanctions as (

    select
        pupil_id,
        {{ school_year_end_of('offence_date') }} as academic_year_end,
        count(*) as n_sanctions,
        sum(case when is_conviction then 1 else 0 end) as n_convictions,
        sum(case when is_serious_violence then 1 else 0 end) as n_serious_violence_sanctions
    from {{ ref('sanctions') }}
    where offence_date is not null
    group by pupil_id, {{ school_year_end_of('offence_date') }}

),

years as (

    select academic_year_end, first_date, next_first_date from {{ ref('int_academic_years') }}

),

custody as (

    select spells.pupil_id, spells.nights_from_date, spells.nights_to_date, follow_up.start_date, follow_up.stop_date, follow_up.event_date
    from {{ ref('int_custody_spells') }} as spells
    left join {{ ref('follow_up') }} as follow_up on spells.pupil_id = follow_up.pupil_id
    where spells.nights_to_date > spells.nights_from_date

),

in_years as (

    select
        custody.pupil_id,
        years.academic_year_end,
        greatest(custody.nights_from_date, years.first_date) as from_date,
        least(custody.nights_to_date, years.next_first_date) as to_date,
        custody.start_date,
        custody.stop_date,
        custody.event_date
    from custody
    inner join years on custody.nights_from_date < years.next_first_date and custody.nights_to_date > years.first_date

),

at_risk_bounds as (

    -- the part of each stay that would have been at risk
    select
        *,
        case when start_date is not null then greatest(from_date, start_date) end as risk_from_date,
        case when start_date is not null then least(to_date, stop_date) end as risk_to_date
    from in_years

),

nights as (

    select
        pupil_id,
        academic_year_end,
        sum({{ dbt.datediff('from_date', 'to_date', 'day') }}) as n_custody_nights,
        -- the day of the offence stays at risk
        sum(case
            when risk_from_date < risk_to_date
                then {{ dbt.datediff('risk_from_date', 'risk_to_date', 'day') }}
                    - case when event_date >= risk_from_date and event_date < risk_to_date then 1 else 0 end
            else 0
        end) as n_nights_out_of_risk
    from at_risk_bounds
    group by pupil_id, academic_year_end

),

known as (

    select pupil_id, n_sanctions is not null as is_pnc_known, n_receptions is not null as is_custody_known
    from {{ ref('justice_outcomes') }}

),

keys as (

    select pupil_id, academic_year_end from sanctions
    union
    select pupil_id, academic_year_end from nights

),

final as (

    select
        keys.pupil_id,
        keys.academic_year_end,
        case when known.is_pnc_known then cast(coalesce(sanctions.n_sanctions, 0) as smallint) end as n_sanctions,
        case when known.is_pnc_known then cast(coalesce(sanctions.n_convictions, 0) as smallint) end as n_convictions,
        case when known.is_pnc_known then cast(coalesce(sanctions.n_serious_violence_sanctions, 0) as smallint) end as n_serious_violence_sanctions,
        case when known.is_custody_known then cast(coalesce(nights.n_custody_nights, 0) as smallint) end as n_custody_nights,
        case when known.is_custody_known then cast(coalesce(nights.n_nights_out_of_risk, 0) as smallint) end as n_nights_out_of_risk
    from keys
    left join known on keys.pupil_id = known.pupil_id
    left join sanctions on keys.pupil_id = sanctions.pupil_id and keys.academic_year_end = sanctions.academic_year_end
    left join nights on keys.pupil_id = nights.pupil_id and keys.academic_year_end = nights.academic_year_end

)

select * from final
