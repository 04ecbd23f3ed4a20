{# One row per pupil and school year from age 5 (var panel_start_age): level of social care before and in the year, school record, sanctions, custody, days at risk.
   Grain: pupil_id, academic_year_end.
   Population: pupils of `pupils` whose birth is known, from the school year of the fifth birthday to the last that the justice,
   school or social care data reach, or that of death in care or a move abroad from it.
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

panels as (

    select notional_birth_date, min(academic_year_end) as first_academic_year_end, max(academic_year_end) as last_academic_year_end
    from years
    group by notional_birth_date

),

outcomes as (

    select pupil_id, n_sanctions is not null as is_pnc_known, n_receptions is not null as is_custody_known, follow_up_start_date, follow_up_end_date
    from {{ ref('justice_outcomes') }}

),

follow_up as (

    select pupil_id, start_date, stop_date from {{ ref('follow_up') }} where follow_up_status = 'followed'

),

last_days as (

    select
        pupil_id,
        {{ school_year_end_of('last_date') }} as last_academic_year_end,
        cast({{ dbt.dateadd('day', 1, 'last_date') }} as date) as last_stop_date
    from {{ ref('int_last_days') }}

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

levels as (

    select level, rank from {{ ref('social_care_levels') }}

),

schooling as (

    select
        pupil_id, academic_year_end, schooling_status, national_curriculum_year, local_authority_code, is_free_school_meals_eligible, sen_provision,
        n_sessions_possible, n_overall_absence, is_persistently_absent, n_suspensions, n_permanent_exclusions
    from {{ ref('pupil_school_years') }}

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
        panels.first_academic_year_end,
        least(panels.last_academic_year_end, coalesce(last_days.last_academic_year_end, panels.last_academic_year_end)) as last_academic_year_end,
        last_days.last_stop_date,
        level_dates.from_date_0,
        level_dates.from_date_1,
        level_dates.from_date_2,
        level_dates.from_date_3,
        level_dates.from_date_4
    from pupils
    inner join panels on pupils.notional_birth_date = panels.notional_birth_date
    left join outcomes on pupils.pupil_id = outcomes.pupil_id
    left join follow_up on pupils.pupil_id = follow_up.pupil_id
    left join level_dates on pupils.pupil_id = level_dates.pupil_id
    left join last_days on pupils.pupil_id = last_days.pupil_id

),

adult_years as (

    select pupils.pupil_id, years.academic_year_end
    from pupils
    inner join years
        on pupils.notional_birth_date = years.notional_birth_date
        and years.first_date >= {{ childhood_end_date('pupils.notional_birth_date') }}

),

all_years as (

    -- every year of childhood is a row already; a number stands for its level until the last tables are joined
    select by_year.pupil_id, by_year.academic_year_end, levels.rank as level_rank, by_year.days_in_care
    from {{ ref('social_care_by_year') }} as by_year
    left join levels on by_year.social_care_level = levels.level
    union all
    select pupil_id, academic_year_end, cast(null as integer) as level_rank, cast(null as smallint) as days_in_care
    from adult_years

),

panel as (

    select
        all_years.academic_year_end,
        all_years.level_rank,
        all_years.days_in_care,
        described.*,
        years.age_at_start,
        years.first_date,
        greatest(years.first_date, described.follow_up_start_date) as followed_from_date,
        least(
            years.next_first_date,
            described.follow_up_stop_date,
            coalesce(described.last_stop_date, years.next_first_date)
        ) as followed_to_date,
        greatest(years.first_date, described.risk_start_date) as risk_from_date,
        least(years.next_first_date, described.risk_stop_date) as risk_to_date
    from all_years
    inner join described
        on all_years.pupil_id = described.pupil_id
        and all_years.academic_year_end between described.first_academic_year_end and described.last_academic_year_end
    -- not an inner join, which an engine might do first and have all years of all pupils twice
    left join years
        on described.notional_birth_date = years.notional_birth_date
        and all_years.academic_year_end = years.academic_year_end

),

years_at_risk as (

    -- all that no other table of the year is needed for
    select
        pupil_id,
        academic_year_end,
        age_at_start,
        is_pnc_known,
        is_custody_known,
        level_rank,
        days_in_care,
        case
            {% for rank in range(4, -1, -1) -%}
            when from_date_{{ rank }} <= first_date then {{ rank }}
            {% endfor -%}
        end as level_rank_before,
        cast(case
            when follow_up_start_date is not null and followed_from_date < followed_to_date
                then {{ dbt.datediff('followed_from_date', 'followed_to_date', 'day') }}
            else 0
        end as smallint) as days_followed,
        cast(case
            when risk_start_date is not null and risk_from_date < risk_to_date
                then {{ dbt.datediff('risk_from_date', 'risk_to_date', 'day') }}
            else 0
        end as smallint) as days_at_risk_and_out_of_it
    from panel

),

final as (

    select
        years_at_risk.pupil_id,
        years_at_risk.academic_year_end,
        years_at_risk.age_at_start,

        levels_before.level as social_care_level_before,
        levels.level as social_care_level,
        years_at_risk.days_in_care,

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

        case when years_at_risk.is_pnc_known then coalesce(justice.n_sanctions, cast(0 as smallint)) end as n_sanctions,
        case when years_at_risk.is_pnc_known then coalesce(justice.n_convictions, cast(0 as smallint)) end as n_convictions,
        case when years_at_risk.is_pnc_known then coalesce(justice.n_serious_violence_sanctions, cast(0 as smallint)) end as n_serious_violence_sanctions,
        case when years_at_risk.is_custody_known then coalesce(justice.n_custody_nights, cast(0 as smallint)) end as n_custody_nights,
        years_at_risk.days_followed,
        -- a night out of risk is one of a time at risk
        cast(case
            when years_at_risk.days_at_risk_and_out_of_it > 0 then years_at_risk.days_at_risk_and_out_of_it - coalesce(justice.n_nights_out_of_risk, 0)
            else 0
        end as smallint) as days_at_risk
    from years_at_risk
    left join schooling on years_at_risk.pupil_id = schooling.pupil_id and years_at_risk.academic_year_end = schooling.academic_year_end
    left join justice on years_at_risk.pupil_id = justice.pupil_id and years_at_risk.academic_year_end = justice.academic_year_end
    left join levels on years_at_risk.level_rank = levels.rank
    left join levels as levels_before on years_at_risk.level_rank_before = levels_before.rank

)

select * from final
