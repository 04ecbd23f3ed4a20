{# One row per pupil of any census: years seen, schools and moves, authorities near age 15, free meals and special needs.
   Grain: pupil_id.   Population: pupils with at least one sound row of the school, unit or provision census.
   Rule: the authorities are those of the census year whose age at the start of the school year is nearest 15, the earlier of
   two equally near; with no birth known, the last year that names one. A characteristic at an age is that of the census year
   in which the pupil had that age on the 31 August before it, and of no other. A move is unexpected if the school differs
   from that of the last census that names one and has a year group of a phase (seed npd_nc_year), and both are of one phase. #}

with

births as (

    select child_key, notional_birth_date from {{ ref('int_child_attributes_resolved') }}

),

year_groups as (

    select code, phase from {{ ref('npd_nc_year') }}

),

sen_types as (

    select code, max(case when code_group = 'semh' then 1 else 0 end) as is_behaviour
    from {{ ref('npd_sen_type') }}
    group by code

),

years_delivered as (

    select academic_year_end from {{ ref('int_education_years_delivered') }} where source_table = 'npd.school_census'

),

years_of_censuses as (

    -- a year whose school census was not delivered cannot be missed by a pupil
    select
        years.academic_year_end,
        case when years_delivered.academic_year_end is null then 0 else 1 end as is_delivered,
        sum(case when years_delivered.academic_year_end is null then 0 else 1 end)
            over (order by years.academic_year_end nulls last rows between unbounded preceding and current row) as n_delivered_so_far
    from (select distinct academic_year_end from {{ ref('int_census_years') }}) as years
    left join years_delivered on years.academic_year_end = years_delivered.academic_year_end

),

aged as (

    select
        census_years.*,
        sen_types.is_behaviour,
        years_of_censuses.is_delivered,
        years_of_censuses.n_delivered_so_far,
        -- age on the 31 August before the school year
        census_years.academic_year_end - 1 - {{ school_year_end_of('births.notional_birth_date') }} as age_at_start_of_year
    from {{ ref('int_census_years') }} as census_years
    left join years_of_censuses on census_years.academic_year_end = years_of_censuses.academic_year_end
    left join births on census_years.pupil_id = births.child_key
    left join sen_types on census_years.sen_type_code = sen_types.code

),

ordered as (

    select
        *,
        -- one number that orders years by distance from age 15 and then by year, or, with no birth known, from the last to the first
        case
            when local_authority_code is null then null
            when age_at_start_of_year is null then -academic_year_end
            else abs(age_at_start_of_year - 15) * 10000 + academic_year_end
        end as nearest_15_key
    from aged

),

per_pupil as (

    select
        pupil_id,
        min(academic_year_end) as first_census_year,
        max(academic_year_end) as last_census_year,
        cast(count(*) as integer) as n_years_observed,
        -- delivered from the first to the last year of any census, less those with the pupil in one
        cast(max(n_delivered_so_far) - min(n_delivered_so_far - is_delivered) - sum(is_delivered) as integer) as n_years_missing,
        min_by(academic_year_end, nearest_15_key) as local_authority_year,
        min_by(local_authority_code, nearest_15_key) as local_authority_code,
        -- min_by passes a missing value over on one engine and not on another
        nullif(min_by(coalesce(home_local_authority_code, ''), nearest_15_key), '') as home_local_authority_code,
        nullif(min_by(coalesce(idaci_score, -1), nearest_15_key), -1) as idaci_score_near_15,
        max(cast(is_free_school_meals_eligible as integer)) = 1 as ever_free_school_meals,
        max(case sen_provision when 'none' then 0 when 'sen_support' then 1 when 'ehcp' then 2 end) as sen_rank,
        -- a need without a type tells nothing
        max(case when sen_provision = 'none' then 0 when sen_type_code is not null then coalesce(is_behaviour, 0) end) = 1
            as ever_behaviour_need,
        max(case when has_free_school_meals_conflict then 1 when is_free_school_meals_eligible is not null then 0 end) = 1
            as has_free_school_meals_conflict,
        max(case when has_sen_conflict then 1 when sen_provision is not null then 0 end) = 1 as has_sen_conflict,
        max(case when is_in_school_census or is_in_pru_census then cast(school_urn is not null as integer) end) as names_a_school,
        cast(count(case when is_in_pru_census then 1 end) as integer) as n_pru_census_years,
        cast(count(case when is_in_ap_census then 1 end) as integer) as n_ap_census_years,
        cast(count(case when is_in_pru_census or is_in_ap_census then 1 end) as integer)
            as n_alternative_provision_years,
        {% for name, age in {'15': 15, 'chosen_age': var('characteristics_age')}.items() -%}
        max(case when age_at_start_of_year = {{ age }} then cast(is_free_school_meals_eligible as integer) end) = 1
            as free_school_meals_at_{{ name }},
        max(case when age_at_start_of_year = {{ age }} then sen_provision end) as sen_provision_at_{{ name }},
        max(case when age_at_start_of_year = {{ age }} then idaci_score end) as idaci_score_at_{{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from ordered
    group by pupil_id

),

unit_stays as (

    -- days are known only from a unit's date of entry, and only up to the census day of the last year that has it
    select pupil_id, unit_entry_date as start_date, make_date(max(academic_year_end), 1, 20) as end_date
    from {{ ref('int_census_years') }}
    where unit_entry_date is not null
    group by pupil_id, unit_entry_date

),

unit_stays_apart as (

    -- a second date of entry for the same stay must not count its days twice
    select
        pupil_id,
        end_date,
        greatest(start_date, coalesce(max(end_date) over (
            partition by pupil_id order by start_date nulls last rows between unbounded preceding and 1 preceding
        ), start_date)) as counted_from
    from unit_stays

),

unit_days as (

    select
        pupil_id,
        cast(sum(case when counted_from < end_date then {{ dbt.datediff('counted_from', 'end_date', 'day') }} else 0 end) as integer) as n_unit_days
    from unit_stays_apart
    group by pupil_id

),

phases_at_schools as (

    select distinct census_years.pupil_id, census_years.school_urn, year_groups.phase
    from {{ ref('int_census_years') }} as census_years
    left join year_groups on census_years.national_curriculum_year_code = year_groups.code
    where census_years.school_urn is not null

),

schools_counted as (

    select pupil_id, cast(count(distinct school_urn) as integer) as n_schools
    from phases_at_schools
    group by pupil_id

),

movers as (

    -- whoever had one school in each phase made no unexpected move: the years of the others alone are put in order
    select distinct pupil_id
    from phases_at_schools
    where phase is not null
    group by pupil_id, phase
    having count(*) > 1

),

schools as (

    select
        census_years.pupil_id,
        census_years.school_urn,
        year_groups.phase,
        lag(census_years.school_urn) over (partition by census_years.pupil_id order by census_years.academic_year_end nulls last) as previous_school_urn,
        lag(year_groups.phase) over (partition by census_years.pupil_id order by census_years.academic_year_end nulls last) as previous_phase
    from {{ ref('int_census_years') }} as census_years
    inner join movers on census_years.pupil_id = movers.pupil_id
    inner join year_groups on census_years.national_curriculum_year_code = year_groups.code
    where census_years.school_urn is not null and year_groups.phase is not null

),

moves as (

    select pupil_id, cast(count(*) as integer) as n_unexpected_moves
    from schools
    where school_urn <> previous_school_urn and phase = previous_phase
    group by pupil_id

),

final as (

    select
        per_pupil.pupil_id,
        per_pupil.first_census_year,
        per_pupil.last_census_year,
        per_pupil.n_years_observed,
        per_pupil.n_years_missing,
        -- alternative provision has no number; a school or unit that gives none leaves both unknown
        case when per_pupil.names_a_school = 0 then null else coalesce(schools_counted.n_schools, 0) end as n_schools,
        case when per_pupil.names_a_school = 0 then null else coalesce(moves.n_unexpected_moves, 0) end as n_unexpected_moves,
        per_pupil.n_pru_census_years,
        per_pupil.n_ap_census_years,
        per_pupil.n_alternative_provision_years,
        unit_days.n_unit_days,
        per_pupil.ever_free_school_meals,
        per_pupil.sen_rank > 0 as ever_special_educational_needs,
        case per_pupil.sen_rank when 0 then 'none' when 1 then 'sen_support' when 2 then 'ehcp' end as sen_provision_ever,
        per_pupil.ever_behaviour_need,
        per_pupil.has_free_school_meals_conflict,
        per_pupil.has_sen_conflict,
        per_pupil.free_school_meals_at_15,
        per_pupil.sen_provision_at_15,
        per_pupil.idaci_score_at_15,
        per_pupil.free_school_meals_at_chosen_age,
        per_pupil.sen_provision_at_chosen_age,
        per_pupil.idaci_score_at_chosen_age,
        per_pupil.local_authority_code,
        per_pupil.home_local_authority_code,
        per_pupil.local_authority_year,
        per_pupil.idaci_score_near_15
    from per_pupil
    left join unit_days on per_pupil.pupil_id = unit_days.pupil_id
    left join schools_counted on per_pupil.pupil_id = schools_counted.pupil_id
    left join moves on per_pupil.pupil_id = moves.pupil_id

)

select * from final
