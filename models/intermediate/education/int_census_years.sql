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
        registrations.*,
        registrations.ledger_rule_id = 'used' as is_main,
        sen_provisions.sen_rank,
        case when registrations.is_free_school_meals_eligible then 1 when not registrations.is_free_school_meals_eligible then 0 end as fsm
    from registrations
    left join sen_provisions on registrations.sen_provision_code = sen_provisions.code

),

{# The main registration's value of a column, of the first census that has the pupil. -#}
{% set main_columns = ['local_authority_code', 'school_urn', 'national_curriculum_year_code', 'sen_type_code'] -%}
summed as (

    select
        pupil_id,
        academic_year_end,
        max(case when preference = 1 then 1 else 0 end) as in_school_census,
        max(case when preference = 2 then 1 else 0 end) as in_pru_census,
        max(case when preference = 3 then 1 else 0 end) as in_ap_census,
        sum(case when preference = 1 then 1 else 0 end) as n_registrations,
        {% for column in main_columns -%}
        coalesce(
            max(case when is_main and preference = 1 then {{ column }} end),
            max(case when is_main and preference = 2 then {{ column }} end),
            max(case when is_main and preference = 3 then {{ column }} end)
        ) as {{ column }},
        {% endfor -%}
        max(case when is_main then home_local_authority_code end) as home_local_authority_code,
        max(case when is_main then idaci_score end) as idaci_score,
        max(fsm) as fsm,
        min(fsm) as least_fsm,
        max(sen_rank) as sen_rank,
        min(sen_rank) as least_sen_rank,
        min(entry_date) as unit_entry_date
    from ranked
    group by pupil_id, academic_year_end

),

final as (

    select
        pupil_id,
        academic_year_end,
        in_school_census = 1 as is_in_school_census,
        in_pru_census = 1 as is_in_pru_census,
        in_ap_census = 1 as is_in_ap_census,
        n_registrations > 1 as has_dual_registration,
        local_authority_code,
        school_urn,
        home_local_authority_code,
        national_curriculum_year_code,
        idaci_score,
        fsm = 1 as is_free_school_meals_eligible,
        fsm <> least_fsm as has_free_school_meals_conflict,
        case sen_rank when 0 then 'none' when 1 then 'sen_support' when 2 then 'ehcp' end as sen_provision,
        sen_rank <> least_sen_rank as has_sen_conflict,
        case when sen_rank > 0 then sen_type_code end as sen_type_code,
        unit_entry_date
    from summed

)

select * from final
