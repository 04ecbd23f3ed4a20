{# One row per pupil of any census: years seen, schools and moves, authorities near age 15, free meals and special needs.
   Grain: pupil_id.   Population: pupils with at least one sound row of the school, unit or provision census.
   Rule: the authorities are those of the census year whose age at the start of the school year is nearest 15, the earlier of
   two equally near; with no birth known, the last year that names one. A characteristic at an age is that of the census year
   in which the pupil had that age on the 31 August before it, and of no other. A move is unexpected if the school differs
   from that of the last census that names one and both year groups belong to one phase of the seed npd_nc_year. #}

with

census_years as (

    select * from {{ ref('int_census_years') }}

),

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

    -- a year without any census row cannot be missed by a pupil
    select academic_year_end, row_number() over (order by academic_year_end nulls last) as place
    from (select distinct academic_year_end from census_years) as distinct_years

),

aged as (

    select
        census_years.*,
        year_groups.phase,
        sen_types.is_behaviour,
        years_delivered.place,
        -- age on the 31 August before the school year
        census_years.academic_year_end - 1 - {{ school_year_end_of('births.notional_birth_date') }} as age_at_start_of_year
    from census_years
    inner join years_delivered on census_years.academic_year_end = years_delivered.academic_year_end
    left join births on census_years.pupil_id = births.child_key
    left join year_groups on census_years.national_curriculum_year_code = year_groups.code
    left join sen_types on census_years.sen_type_code = sen_types.code

),

per_year_summed as (

    select
        pupil_id,
        min(academic_year_end) as first_census_year,
        max(academic_year_end) as last_census_year,
        cast(count(*) as integer) as n_years_observed,
        cast(max(place) - min(place) + 1 - count(*) as integer) as n_years_missing,
        cast(count(distinct school_urn) as integer) as n_schools,
        -- one number that orders years by distance from age 15 and then by year, or, with no birth known, from the last to the first
        min(case
            when local_authority_code is null then null
            when age_at_start_of_year is null then -academic_year_end
            else abs(age_at_start_of_year - 15) * 10000 + academic_year_end
        end) as nearest_15_key,
        max(case when is_free_school_meals_eligible then 1 when not is_free_school_meals_eligible then 0 end) = 1 as ever_free_school_meals,
        max(case sen_provision when 'none' then 0 when 'sen_support' then 1 when 'ehcp' then 2 end) as sen_rank,
        max(case when sen_provision is not null then coalesce(is_behaviour, 0) end) = 1 as ever_behaviour_need,
        max(case when has_free_school_meals_conflict then 1 when is_free_school_meals_eligible is not null then 0 end) = 1
            as has_free_school_meals_conflict,
        max(case when has_sen_conflict then 1 when sen_provision is not null then 0 end) = 1 as has_sen_conflict,
        cast(count(case when is_in_pru_census then 1 end) as integer) as n_pru_census_years,
        cast(count(case when is_in_ap_census then 1 end) as integer) as n_ap_census_years,
        cast(count(case when is_in_pru_census or is_in_ap_census then 1 end) as integer)
            as n_alternative_provision_years,
        {% for name, age in {'15': 15, 'chosen_age': var('characteristics_age')}.items() -%}
        max(case when age_at_start_of_year = {{ age }} then case when is_free_school_meals_eligible then 1 when not is_free_school_meals_eligible then 0 end end) = 1
            as free_school_meals_at_{{ name }},
        max(case when age_at_start_of_year = {{ age }} then sen_provision end) as sen_provision_at_{{ name }},
        max(case when age_at_start_of_year = {{ age }} then idaci_score end) as idaci_score_at_{{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from aged
    group by pupil_id

),

per_pupil as (

    select
        *,
        case when nearest_15_key < 0 then -nearest_15_key else mod(nearest_15_key, 10000) end as year_nearest_15
    from per_year_summed

),

unit_stays as (

    -- days are known only from a unit's date of entry, and only up to the census day of the last year that has it
    select
        pupil_id,
        unit_entry_date,
        {{ dbt.datediff('unit_entry_date', 'make_date(max(academic_year_end), 1, 20)', 'day') }} as n_days
    from census_years
    where unit_entry_date is not null
    group by pupil_id, unit_entry_date

),

unit_days as (

    select pupil_id, cast(sum(case when n_days > 0 then n_days else 0 end) as integer) as n_unit_days
    from unit_stays
    group by pupil_id

),

schools as (

    select
        pupil_id,
        school_urn,
        phase,
        lag(school_urn) over (partition by pupil_id order by academic_year_end nulls last) as previous_school_urn,
        lag(phase) over (partition by pupil_id order by academic_year_end nulls last) as previous_phase
    from aged
    where school_urn is not null and phase is not null

),

moves as (

    select pupil_id, cast(count(*) as integer) as n_unexpected_moves
    from schools
    where school_urn <> previous_school_urn and phase = previous_phase
    group by pupil_id

),

nearest_15 as (

    -- per_pupil found the year; its row names the authorities
    select aged.pupil_id, aged.local_authority_code, aged.home_local_authority_code, aged.academic_year_end
    from aged
    inner join per_pupil on aged.pupil_id = per_pupil.pupil_id and aged.academic_year_end = per_pupil.year_nearest_15

),

final as (

    select
        per_pupil.pupil_id,
        per_pupil.first_census_year,
        per_pupil.last_census_year,
        per_pupil.n_years_observed,
        per_pupil.n_years_missing,
        per_pupil.n_schools,
        coalesce(moves.n_unexpected_moves, 0) as n_unexpected_moves,
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
        nearest_15.local_authority_code,
        nearest_15.home_local_authority_code,
        nearest_15.academic_year_end as local_authority_year
    from per_pupil
    left join unit_days on per_pupil.pupil_id = unit_days.pupil_id
    left join moves on per_pupil.pupil_id = moves.pupil_id
    left join nearest_15 on per_pupil.pupil_id = nearest_15.pupil_id

)

select * from final
