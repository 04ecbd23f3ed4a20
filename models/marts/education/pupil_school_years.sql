{# One row per pupil and school year in which any education table has the pupil: where, with what needs, how absent.
   Grain: pupil_id, academic_year_end.
   Population: pupils with a sound row of the year in the school, unit or alternative provision census, in absence,
   exclusions, key stage 2 or key stage 4.
   Rule: every table is one row per pupil and year before it is joined. A count is 0 only where the table of the year was
   delivered and would have told; each status column says why a count is missing. #}

with

census_years as (

    select * from {{ ref('int_census_years') }}

),

absence_years as (

    select * from {{ ref('int_absence_years') }}

),

exclusion_years as (

    select * from {{ ref('int_exclusion_years') }}

),

result_years as (

    -- an independent school and a private candidate are known from results alone; of two settings that of the used result
    -- counts, else the first by name
    select
        pupil_id,
        academic_year_end,
        max(is_ks2) = 1 as is_in_ks2,
        max(is_ks4) = 1 as is_in_ks4,
        coalesce(max(case when ledger_rule_id = 'used' then ks4_setting end), min(ks4_setting)) as ks4_setting
    from (
        select pupil_id, academic_year_end, ledger_rule_id, 1 as is_ks2, 0 as is_ks4, null as ks4_setting
        from {{ ref('int_ks2_rows_marked') }}
        where ledger_rule_id in ('used', 'other_result')
        union all
        select pupil_id, academic_year_end, ledger_rule_id, 0 as is_ks2, 1 as is_ks4, ks4_setting
        from {{ ref('int_ks4_rows_marked') }}
        where ledger_rule_id in ('used', 'other_result')
    ) as results
    group by pupil_id, academic_year_end

),

years_delivered as (

    select
        academic_year_end,
        max(case when source_table = 'npd.school_census' then 1 else 0 end) = 1 as is_census_delivered,
        max(case when source_table = 'npd.absence' then 1 else 0 end) = 1 as is_absence_delivered,
        max(case when source_table = 'npd.exclusions' then 1 else 0 end) = 1 as is_exclusions_delivered
    from {{ ref('int_education_years_delivered') }}
    group by academic_year_end

),

supplied as (

    select * from {{ ref('int_tables_supplied') }}

),

births as (

    select child_key, {{ school_year_end_of('notional_birth_date') }} as cohort_year
    from {{ ref('int_child_attributes_resolved') }}

),

year_groups as (

    select code, year_number from {{ ref('npd_nc_year') }}

),

other_years as (

    select
        coalesce(exclusion_years.pupil_id, result_years.pupil_id) as pupil_id,
        coalesce(exclusion_years.academic_year_end, result_years.academic_year_end) as academic_year_end,
        exclusion_years.pupil_id is not null as has_exclusion_record,
        exclusion_years.n_suspensions,
        exclusion_years.n_sessions_lost,
        exclusion_years.n_suspensions_without_sessions,
        exclusion_years.n_permanent_exclusions,
        result_years.is_in_ks2,
        result_years.is_in_ks4,
        result_years.ks4_setting
    from exclusion_years
    full outer join result_years on exclusion_years.pupil_id = result_years.pupil_id and exclusion_years.academic_year_end = result_years.academic_year_end

),

pupil_years as (

    -- nearly every year is one of the first two tables
    select
        coalesce(census_years.pupil_id, absence_years.pupil_id, other_years.pupil_id) as pupil_id,
        coalesce(census_years.academic_year_end, absence_years.academic_year_end, other_years.academic_year_end) as academic_year_end,
        census_years.pupil_id is not null as is_in_any_census,
        coalesce(census_years.is_in_school_census, false) as is_in_school_census,
        coalesce(census_years.is_in_pru_census, false) as is_in_pru_census,
        coalesce(census_years.is_in_ap_census, false) as is_in_ap_census,
        census_years.national_curriculum_year_code,
        census_years.school_urn,
        census_years.local_authority_code,
        census_years.home_local_authority_code,
        census_years.has_dual_registration,
        census_years.is_free_school_meals_eligible,
        census_years.sen_provision,
        census_years.sen_type_code,

        absence_years.absence_status as absence_status_of_record,
        absence_years.n_sessions_possible,
        absence_years.n_authorised_absence,
        absence_years.n_unauthorised_absence,
        absence_years.n_unauthorised_other_absence,
        absence_years.n_overall_absence,
        absence_years.is_persistently_absent,
        absence_years.is_persistently_absent_rule_of_the_time,
        absence_years.is_persistently_absent_unauthorised_other,

        coalesce(other_years.has_exclusion_record, false) as has_exclusion_record,
        other_years.n_suspensions,
        other_years.n_sessions_lost,
        other_years.n_suspensions_without_sessions,
        other_years.n_permanent_exclusions,

        coalesce(other_years.is_in_ks2, false) as is_in_ks2,
        coalesce(other_years.is_in_ks4, false) as is_in_ks4,
        other_years.ks4_setting
    from census_years
    full outer join absence_years
        on census_years.pupil_id = absence_years.pupil_id and census_years.academic_year_end = absence_years.academic_year_end
    full outer join other_years
        on coalesce(census_years.pupil_id, absence_years.pupil_id) = other_years.pupil_id
        and coalesce(census_years.academic_year_end, absence_years.academic_year_end) = other_years.academic_year_end

),

joined as (

    select
        pupil_years.*,
        supplied.is_school_census_supplied,
        supplied.is_pru_census_supplied,
        supplied.is_ap_census_supplied,
        supplied.is_absence_supplied,
        supplied.is_exclusions_supplied,
        supplied.is_ks2_supplied,
        supplied.is_ks4_supplied,
        coalesce(years_delivered.is_census_delivered, false) as is_census_delivered,
        coalesce(years_delivered.is_absence_delivered, false) as is_absence_delivered,
        coalesce(years_delivered.is_exclusions_delivered, false) as is_exclusions_delivered,
        year_groups.year_number as year_number_of_census,
        -- Year 1 is taught in the school year that starts at age 5
        pupil_years.academic_year_end - births.cohort_year - 5 as year_number_of_age
    from pupil_years
    cross join supplied
    left join years_delivered on pupil_years.academic_year_end = years_delivered.academic_year_end
    left join births on pupil_years.pupil_id = births.child_key
    left join year_groups on pupil_years.national_curriculum_year_code = year_groups.code

),

grouped as (

    select
        *,
        coalesce(year_number_of_census, case when year_number_of_age between -2 and 14 then year_number_of_age end) as national_curriculum_year,
        case
            when is_in_school_census then 'state_school'
            when is_in_pru_census then 'pupil_referral_unit'
            when is_in_ap_census then 'alternative_provision'
            when ks4_setting = 'independent' then 'independent_school'
            when ks4_setting = 'private_candidate' then 'private_candidate'
            when not is_census_delivered then 'census_not_delivered'
            else 'not_in_any_census'
        end as schooling_status
    from joined

),

stated as (

    select
        *,
        case
            when not is_absence_supplied then null
            when absence_status_of_record is not null then absence_status_of_record
            when not is_absence_delivered then 'year_not_delivered'
            when national_curriculum_year not between 1 and 11 then 'outside_age_range'
            else 'no_absence_record'
        end as absence_status,
        case
            when not is_exclusions_supplied then null
            when has_exclusion_record then 'recorded'
            when not is_exclusions_delivered then 'year_not_delivered'
            when is_in_any_census or absence_status_of_record is not null then 'none_recorded'
            else 'not_in_any_census'
        end as exclusion_status
    from grouped

),

final as (

    select
        pupil_id,
        academic_year_end,
        academic_year_end - 1 as academic_year_start,
        {{ academic_year_label('academic_year_end') }} as academic_year,

        national_curriculum_year,
        case
            when year_number_of_census is not null then 'census'
            when national_curriculum_year is not null then 'age'
        end as national_curriculum_year_source,
        national_curriculum_year between 7 and 11 as is_secondary,

        schooling_status,
        case when is_school_census_supplied then is_in_school_census end as is_in_school_census,
        case when is_pru_census_supplied then is_in_pru_census end as is_in_pru_census,
        case when is_ap_census_supplied then is_in_ap_census end as is_in_ap_census,
        case when is_ks2_supplied then is_in_ks2 end as is_in_ks2_results,
        case when is_ks4_supplied then is_in_ks4 end as is_in_ks4_results,
        school_urn,
        local_authority_code,
        home_local_authority_code,
        case when is_school_census_supplied then has_dual_registration end as has_dual_registration,

        is_free_school_meals_eligible,
        sen_provision,
        sen_type_code,

        absence_status,
        n_sessions_possible,
        n_authorised_absence,
        n_unauthorised_absence,
        n_unauthorised_other_absence,
        n_overall_absence,
        is_persistently_absent,
        is_persistently_absent_rule_of_the_time,
        is_persistently_absent_unauthorised_other,

        exclusion_status,
        case when exclusion_status in ('recorded', 'none_recorded') then coalesce(n_suspensions, 0) end as n_suspensions,
        case when exclusion_status = 'none_recorded' or n_suspensions = 0 then 0 else n_sessions_lost end as n_suspension_sessions_lost,
        case when exclusion_status in ('recorded', 'none_recorded') then coalesce(n_suspensions_without_sessions, 0) end
            as n_suspensions_without_sessions,
        case when exclusion_status in ('recorded', 'none_recorded') then coalesce(n_permanent_exclusions, 0) end as n_permanent_exclusions
    from stated

)

-- a pupil's years lie together, for readers and for what is grouped by pupil later
select * from final
order by pupil_id nulls last, academic_year_end nulls last
