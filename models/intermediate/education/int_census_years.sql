{# One row per pupil and school year of any census (school, pupil referral unit, alternative provision).
   Grain: pupil_id, academic_year_end.   Population: sound rows of the three censuses, other registrations included.
   Rule: school, authorities, year group and type of need are the main registration's, of the school census first, and where
   that gives none the unit's, then the provision's. Free meals are true if any registration says so, and special needs are
   the highest of them. #}

with

sen_provisions as (

    -- a code keeps its group when its validity changes
    select code, max(case code_group when 'none' then 0 when 'sen_support' then 1 when 'ehcp' then 2 end) as sen_rank
    from {{ ref('npd_sen_provision') }}
    group by code

),

main_registrations as (

    -- nearly every pupil and year has this row and no other, so that nothing needs to be grouped
    select
        registrations.pupil_id,
        registrations.academic_year_end,
        registrations.local_authority_code,
        registrations.school_urn,
        registrations.home_local_authority_code,
        registrations.national_curriculum_year_code,
        registrations.sen_type_code,
        registrations.idaci_score,
        sen_provisions.sen_rank,
        cast(registrations.is_free_school_meals_eligible as integer) as fsm
    from {{ ref('int_school_census_rows_marked') }} as registrations
    left join sen_provisions on registrations.sen_provision_code = sen_provisions.code
    where registrations.ledger_rule_id = 'used'

),

other_registrations as (

    select
        1 as preference, pupil_id, academic_year_end, ledger_rule_id, local_authority_code, school_urn,
        national_curriculum_year_code, sen_provision_code, sen_type_code, is_free_school_meals_eligible, cast(null as date) as entry_date
    from {{ ref('int_school_census_rows_marked') }}
    where ledger_rule_id = 'other_registration'
    union all
    select
        2 as preference, pupil_id, academic_year_end, ledger_rule_id, local_authority_code, school_urn,
        national_curriculum_year_code, sen_provision_code, sen_type_code, is_free_school_meals_eligible, entry_date
    from {{ ref('int_pru_census_rows_marked') }}
    where ledger_rule_id in ('used', 'other_registration')
    union all
    select
        3 as preference, pupil_id, academic_year_end, ledger_rule_id, local_authority_code, null as school_urn,
        null as national_curriculum_year_code, sen_provision_code, null as sen_type_code, is_free_school_meals_eligible, cast(null as date) as entry_date
    from {{ ref('int_ap_census_rows_marked') }}
    where ledger_rule_id in ('used', 'other_registration')

),

ranked as (

    select
        other_registrations.*,
        sen_provisions.sen_rank,
        cast(other_registrations.is_free_school_meals_eligible as integer) as fsm
    from other_registrations
    left join sen_provisions on other_registrations.sen_provision_code = sen_provisions.code

),

others as (

    {% set main_columns = ['local_authority_code', 'school_urn', 'national_curriculum_year_code', 'sen_type_code'] -%}
    select
        pupil_id,
        academic_year_end,
        {% for preference, name in {1: 'school', 2: 'pru', 3: 'ap'}.items() -%}
        max(case when preference = {{ preference }} then 1 else 0 end) = 1 as is_in_{{ name }}_census,
        {% endfor -%}
        max(fsm) as highest_fsm,
        min(fsm) as lowest_fsm,
        max(sen_rank) as highest_sen_rank,
        min(sen_rank) as lowest_sen_rank,
        {% for column in main_columns -%}
        coalesce(
            max(case when preference = 2 and ledger_rule_id = 'used' then {{ column }} end),
            max(case when preference = 3 and ledger_rule_id = 'used' then {{ column }} end)
        ) as {{ column }},
        {% endfor -%}
        min(entry_date) as unit_entry_date
    from ranked
    group by pupil_id, academic_year_end

),

combined as (

    select
        coalesce(main_registrations.pupil_id, others.pupil_id) as pupil_id,
        coalesce(main_registrations.academic_year_end, others.academic_year_end) as academic_year_end,
        main_registrations.pupil_id is not null as is_in_school_census,
        coalesce(others.is_in_pru_census, false) as is_in_pru_census,
        coalesce(others.is_in_ap_census, false) as is_in_ap_census,
        -- others of the school census stand beside a main registration
        coalesce(others.is_in_school_census, false) as has_dual_registration,
        {% for column in main_columns -%}
        coalesce(main_registrations.{{ column }}, others.{{ column }}) as {{ column }},
        {% endfor -%}
        main_registrations.home_local_authority_code,
        main_registrations.idaci_score,
        greatest(main_registrations.fsm, others.highest_fsm) as highest_fsm,
        least(main_registrations.fsm, others.lowest_fsm) as lowest_fsm,
        greatest(main_registrations.sen_rank, others.highest_sen_rank) as highest_sen_rank,
        least(main_registrations.sen_rank, others.lowest_sen_rank) as lowest_sen_rank,
        others.unit_entry_date
    from main_registrations
    full outer join others
        on main_registrations.pupil_id = others.pupil_id and main_registrations.academic_year_end = others.academic_year_end

),

final as (

    select
        pupil_id,
        academic_year_end,
        is_in_school_census,
        is_in_pru_census,
        is_in_ap_census,
        has_dual_registration,
        local_authority_code,
        school_urn,
        home_local_authority_code,
        national_curriculum_year_code,
        idaci_score,
        highest_fsm = 1 as is_free_school_meals_eligible,
        highest_fsm <> lowest_fsm as has_free_school_meals_conflict,
        case highest_sen_rank when 0 then 'none' when 1 then 'sen_support' when 2 then 'ehcp' end as sen_provision,
        highest_sen_rank <> lowest_sen_rank as has_sen_conflict,
        case when highest_sen_rank > 0 then sen_type_code end as sen_type_code,
        unit_entry_date
    from combined

)

-- a pupil's years lie together: what is grouped by pupil later fits into memory, and the table is a third smaller
select * from final
order by pupil_id nulls last, academic_year_end nulls last
