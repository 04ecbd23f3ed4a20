{# One row per pupil and school year of any census (school, pupil referral unit, alternative provision).
   Grain: pupil_id, academic_year_end.   Population: sound rows of the three censuses, other registrations included.
   Rule: school, authorities, year group and type of need are the main registration's, of the school census first, then the
   unit's, then the provision's. Free meals are true if any registration says so, and special needs are the highest of them. #}

with

registrations as (

    select
        1 as preference, pupil_id, academic_year_end, ledger_rule_id, local_authority_code, school_urn, home_local_authority_code,
        national_curriculum_year_code, sen_provision_code, sen_type_code, idaci_score,
        is_free_school_meals_eligible, cast(null as date) as entry_date
    from {{ ref('int_school_census_rows_marked') }}
    where ledger_rule_id in ('used', 'other_registration')
    union all
    select
        2 as preference, pupil_id, academic_year_end, ledger_rule_id, local_authority_code, school_urn, null as home_local_authority_code,
        national_curriculum_year_code, sen_provision_code, sen_type_code, null as idaci_score,
        is_free_school_meals_eligible, entry_date
    from {{ ref('int_pru_census_rows_marked') }}
    where ledger_rule_id in ('used', 'other_registration')
    union all
    select
        3 as preference, pupil_id, academic_year_end, ledger_rule_id, local_authority_code, null as school_urn, null as home_local_authority_code,
        null as national_curriculum_year_code, sen_provision_code, null as sen_type_code, null as idaci_score,
        is_free_school_meals_eligible, cast(null as date) as entry_date
    from {{ ref('int_ap_census_rows_marked') }}
    where ledger_rule_id in ('used', 'other_registration')

),

sen_provisions as (

    -- a code keeps its group when its validity changes
    select code, max(case code_group when 'none' then 0 when 'sen_support' then 1 when 'ehcp' then 2 end) as sen_rank
    from {{ ref('npd_sen_provision') }}
    group by code

),

ranked as (

    select
        registrations.pupil_id,
        registrations.academic_year_end,
        registrations.preference,
        registrations.entry_date,
        sen_provisions.sen_rank,
        case when registrations.is_free_school_meals_eligible then 1 when not registrations.is_free_school_meals_eligible then 0 end as fsm
    from registrations
    left join sen_provisions on registrations.sen_provision_code = sen_provisions.code

),

summed as (

    select
        pupil_id,
        academic_year_end,
        max(case when preference = 1 then 1 else 0 end) as in_school_census,
        max(case when preference = 2 then 1 else 0 end) as in_pru_census,
        max(case when preference = 3 then 1 else 0 end) as in_ap_census,
        sum(case when preference = 1 then 1 else 0 end) as n_registrations,
        max(fsm) as fsm,
        min(fsm) as least_fsm,
        max(sen_rank) as sen_rank,
        min(sen_rank) as least_sen_rank,
        min(entry_date) as unit_entry_date
    from ranked
    group by pupil_id, academic_year_end

),

school_main as (

    select * from registrations where preference = 1 and ledger_rule_id = 'used'

),

-- few pupils are in one of these
unit_main as (

    {% set main_columns = ['local_authority_code', 'school_urn', 'national_curriculum_year_code', 'sen_type_code'] -%}
    select
        pupil_id,
        academic_year_end,
        {% for column in main_columns -%}
        coalesce(max(case when preference = 2 then {{ column }} end), max(case when preference = 3 then {{ column }} end)) as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from registrations
    where preference in (2, 3) and ledger_rule_id = 'used'
    group by pupil_id, academic_year_end

),

final as (

    select
        summed.pupil_id,
        summed.academic_year_end,
        summed.in_school_census = 1 as is_in_school_census,
        summed.in_pru_census = 1 as is_in_pru_census,
        summed.in_ap_census = 1 as is_in_ap_census,
        summed.n_registrations > 1 as has_dual_registration,
        coalesce(school_main.local_authority_code, unit_main.local_authority_code) as local_authority_code,
        coalesce(school_main.school_urn, unit_main.school_urn) as school_urn,
        school_main.home_local_authority_code,
        coalesce(school_main.national_curriculum_year_code, unit_main.national_curriculum_year_code) as national_curriculum_year_code,
        school_main.idaci_score,
        summed.fsm = 1 as is_free_school_meals_eligible,
        summed.fsm <> summed.least_fsm as has_free_school_meals_conflict,
        case summed.sen_rank when 0 then 'none' when 1 then 'sen_support' when 2 then 'ehcp' end as sen_provision,
        summed.sen_rank <> summed.least_sen_rank as has_sen_conflict,
        case when summed.sen_rank > 0 then coalesce(school_main.sen_type_code, unit_main.sen_type_code) end as sen_type_code,
        summed.unit_entry_date
    from summed
    left join school_main on summed.pupil_id = school_main.pupil_id and summed.academic_year_end = school_main.academic_year_end
    left join unit_main on summed.pupil_id = unit_main.pupil_id and summed.academic_year_end = unit_main.academic_year_end

)

select * from final
