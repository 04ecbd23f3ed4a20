{# One row per pupil and school year from age 5 (var panel_start_age): level of social care before and in the year, school record, sanctions, custody, days at risk.
   Grain: pupil_id, academic_year_end.
   Population: pupils of `pupils` whose birth is known, from the school year of the fifth birthday to the last that the justice,
   school or social care data reach, or that of death in care.
   Rule: every part is one row per pupil and year before it is joined. What a table of the year was not delivered for is NULL.
   The level before the year is that of int_level_steps on its first day.
   Days at risk add up to those of at_risk_spells. #}

with

pupils as (

    select pupil_id, notional_birth_date from {{ ref('pupils') }}

),

years as (

    select notional_birth_date, academic_year_end, first_date, next_first_date, age_at_start from {{ ref('int_panel_years') }}

),

outcomes as (

    select pupil_id, n_sanctions is not null as is_pnc_known, n_receptions is not null as is_custody_known, follow_up_start_date, follow_up_end_date
    from {{ ref('justice_outcomes') }}

),

follow_up as (

    select pupil_id, start_date, stop_date from {{ ref('follow_up') }} where follow_up_status = 'followed'

),

deaths as (

    select
        pupil_id,
        {{ school_year_end_of('death_date') }} as last_academic_year_end,
        cast({{ dbt.dateadd('day', 1, 'death_date') }} as date) as death_stop_date
    from {{ ref('int_deaths') }}

),

level_dates as (

    select
        pupil_id,
        {% for rank in range(5) -%}
        min(case when level_rank = {{ rank }} then from_date end) as from_date_{{ rank }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_level_steps') }}
    group by pupil_id

),

care as (

    select pupil_id, academic_year_end, social_care_level, days_in_care from {{ ref('social_care_by_year') }}

),

schooling as (

    select * from {{ ref('pupil_school_years') }}

),

justice as (

    select * from {{ ref('justice_years') }}

),

described as (

    -- all that is known once for a pupil, before there is a row for each of its years
    select
        pupils.pupil_id,
        pupils.notional_birth_date,
        outcomes.is_pnc_known,
        outcomes.is_custody_known,
        outcomes.follow_up_start_date,
        cast({{ dbt.dateadd('day', 1, 'outcomes.follow_up_end_date') }} as date) as follow_up_stop_date,
        follow_up.start_date as risk_start_date,
        follow_up.stop_date as risk_stop_date,
        coalesce(deaths.last_academic_year_end, 9999) as last_academic_year_end,
        deaths.death_stop_date,
        level_dates.from_date_0,
        level_dates.from_date_1,
        level_dates.from_date_2,
        level_dates.from_date_3,
        level_dates.from_date_4
    from pupils
    left join outcomes on pupils.pupil_id = outcomes.pupil_id
    left join follow_up on pupils.pupil_id = follow_up.pupil_id
    left join level_dates on pupils.pupil_id = level_dates.pupil_id
    left join deaths on pupils.pupil_id = deaths.pupil_id

),

joined as (

    select
        described.pupil_id,
        years.academic_year_end,
        years.age_at_start,
        described.is_pnc_known,
        described.is_custody_known,
        greatest(years.first_date, described.follow_up_start_date) as followed_from_date,
        least(
            years.next_first_date,
            described.follow_up_stop_date,
            coalesce(described.death_stop_date, years.next_first_date)
        ) as followed_to_date,
        described.follow_up_start_date is not null as is_followed,
        greatest(years.first_date, described.risk_start_date) as risk_from_date,
        least(years.next_first_date, described.risk_stop_date) as risk_to_date,
        described.risk_start_date is not null as is_at_risk_ever,
        {{ highest_level_where(
            [
                'described.from_date_1 <= years.first_date', 'described.from_date_2 <= years.first_date',
                'described.from_date_3 <= years.first_date', 'described.from_date_4 <= years.first_date'
            ],
            is_no_contact='described.from_date_0 <= years.first_date'
        ) }} as social_care_level_before
    from described
    inner join years
        on described.notional_birth_date = years.notional_birth_date
        and years.academic_year_end <= described.last_academic_year_end

),

final as (

    select
        joined.pupil_id,
        joined.academic_year_end,
        joined.age_at_start,

        joined.social_care_level_before,
        care.social_care_level,
        care.days_in_care,

        schooling.schooling_status,
        schooling.national_curriculum_year,
        schooling.local_authority_code,
        schooling.is_free_school_meals_eligible,
        schooling.sen_provision,
        schooling.n_sessions_possible,
        schooling.n_overall_absence,
        schooling.is_persistently_absent,
        schooling.n_suspensions,
        schooling.n_permanent_exclusions,

        case when joined.is_pnc_known then coalesce(justice.n_sanctions, cast(0 as smallint)) end as n_sanctions,
        case when joined.is_pnc_known then coalesce(justice.n_convictions, cast(0 as smallint)) end as n_convictions,
        case when joined.is_pnc_known then coalesce(justice.n_serious_violence_sanctions, cast(0 as smallint)) end as n_serious_violence_sanctions,
        case when joined.is_custody_known then coalesce(justice.n_custody_nights, cast(0 as smallint)) end as n_custody_nights,
        cast(case
            when joined.is_followed and joined.followed_from_date < joined.followed_to_date
                then {{ dbt.datediff('joined.followed_from_date', 'joined.followed_to_date', 'day') }}
            else 0
        end as smallint) as days_followed,
        cast(case
            when joined.is_at_risk_ever and joined.risk_from_date < joined.risk_to_date
                then {{ dbt.datediff('joined.risk_from_date', 'joined.risk_to_date', 'day') }} - coalesce(justice.n_nights_out_of_risk, 0)
            else 0
        end as smallint) as days_at_risk
    from joined
    left join care on joined.pupil_id = care.pupil_id and joined.academic_year_end = care.academic_year_end
    left join schooling on joined.pupil_id = schooling.pupil_id and joined.academic_year_end = schooling.academic_year_end
    left join justice on joined.pupil_id = justice.pupil_id and joined.academic_year_end = justice.academic_year_end

)

select * from final
