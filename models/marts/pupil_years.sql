{# One row per pupil and school year from age 5 (var panel_start_age): level of social care before and in the year, school record, sanctions, custody, days at risk.
   Grain: pupil_id, academic_year_end.
   Population: pupils of `pupils` whose birth is known, from the school year of the fifth birthday to the last that the justice,
   school or social care data reach, or that of death in care.
   Rule: every part is one row per pupil and year before it is joined. What a table of the year was not delivered for is NULL.
   The level before the year is that of int_level_steps on its first day.
   Days at risk add up to those of at_risk_spells. #}

with

pupils as (

    select pupil_id, notional_birth_date from {{ ref('pupils') }} where notional_birth_date is not null

),

years as (

    select academic_year_end, first_date, next_first_date from {{ ref('int_academic_years') }}

),

last_years as (

    select max(academic_year_end) as academic_year_end
    from (
        select {{ school_year_end_of('justice_end_date') }} as academic_year_end from {{ ref('int_justice_period') }}
        union all
        select max(academic_year_end) as academic_year_end from {{ ref('int_education_years_delivered') }}
        union all
        select max(return_year) as academic_year_end from {{ ref('int_social_care_return_years') }}
    ) as ends

),

outcomes as (

    select pupil_id, n_sanctions is not null as is_pnc_known, n_receptions is not null as is_custody_known, follow_up_start_date, follow_up_end_date
    from {{ ref('justice_outcomes') }}

),

follow_up as (

    select pupil_id, start_date, stop_date from {{ ref('follow_up') }} where follow_up_status = 'followed'

),

deaths as (

    select pupil_id, death_date, cast({{ dbt.dateadd('day', 1, 'death_date') }} as date) as death_stop_date from {{ ref('int_deaths') }}

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

births as (

    select distinct notional_birth_date from pupils

),

grid as (

    select
        births.notional_birth_date,
        years.academic_year_end,
        years.first_date,
        years.next_first_date,
        {{ age_in_years('births.notional_birth_date', 'years.first_date') }} as age_at_start
    from births
    inner join years on years.next_first_date > {{ birthday('births.notional_birth_date', var('panel_start_age')) }}
    inner join last_years on years.academic_year_end <= last_years.academic_year_end

),

joined as (

    select
        pupils.pupil_id,
        grid.*,
        outcomes.is_pnc_known,
        outcomes.is_custody_known,
        greatest(grid.first_date, outcomes.follow_up_start_date) as followed_from_date,
        least(
            grid.next_first_date,
            cast({{ dbt.dateadd('day', 1, 'outcomes.follow_up_end_date') }} as date),
            coalesce(deaths.death_stop_date, grid.next_first_date)
        ) as followed_to_date,
        outcomes.follow_up_start_date is not null as is_followed,
        greatest(grid.first_date, follow_up.start_date) as risk_from_date,
        least(grid.next_first_date, follow_up.stop_date) as risk_to_date,
        follow_up.pupil_id is not null as is_at_risk_ever,
        {{ highest_level_where(
            [
                'level_dates.from_date_1 <= grid.first_date', 'level_dates.from_date_2 <= grid.first_date',
                'level_dates.from_date_3 <= grid.first_date', 'level_dates.from_date_4 <= grid.first_date'
            ],
            is_no_contact='level_dates.from_date_0 <= grid.first_date'
        ) }} as social_care_level_before
    from pupils
    inner join grid on pupils.notional_birth_date = grid.notional_birth_date
    left join outcomes on pupils.pupil_id = outcomes.pupil_id
    left join follow_up on pupils.pupil_id = follow_up.pupil_id
    left join level_dates on pupils.pupil_id = level_dates.pupil_id
    left join deaths on pupils.pupil_id = deaths.pupil_id
    where coalesce(deaths.death_date >= grid.first_date, true)

),

final as (

    select
        joined.pupil_id,
        joined.academic_year_end,
        cast(joined.age_at_start as smallint) as age_at_start,

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
