{# One row per pupil: attainment, absence in secondary school, suspensions and exclusions, alternative provision, schools.
   Grain: pupil_id.   Population: every pupil of `pupils`.
   Rule: years are those of pupil_school_years; what no year could tell is NULL and never 0, and a status says why. Year 11, the
   school year of the 16th birthday, is over where it lies at or before the last year that census, absence, exclusions and key
   stage 4 all reach, of the years that int_education_years_delivered counts. #}

with

pupils as (

    select pupil_id, is_in_education_data, {{ school_year_end_of('notional_birth_date') }} as cohort_year
    from {{ ref('pupils') }}

),

supplied as (

    select * from {{ ref('int_tables_supplied') }}

),

years_of_rules as (

    select * from {{ ref('education_years') }}

),

result_years as (

    -- first and last school year of which the extract holds results
    select
        min(case when source_table = 'npd.ks2' then academic_year_end end) as first_ks2_year,
        max(case when source_table = 'npd.ks2' then academic_year_end end) as last_ks2_year,
        min(case when source_table = 'npd.ks4' then academic_year_end end) as first_ks4_year,
        max(case when source_table = 'npd.ks4' then academic_year_end end) as last_ks4_year,
        max(case when source_table = 'npd.school_census' then academic_year_end end) as last_census_year
    from {{ ref('int_education_years_delivered') }}

),

last_years as (

    select source_table, max(academic_year_end) as last_year
    from {{ ref('int_education_years_delivered') }}
    where source_table in ('npd.school_census', 'npd.absence', 'npd.exclusions', 'npd.ks4')
    group by source_table

),

schooling_end as (

    -- the last school year that all of them reach
    select min(last_year) as last_year from last_years

),

schooling as (

    select * from {{ ref('int_school_history_per_pupil') }}

),

event_dates as (

    select * from {{ ref('int_education_event_dates') }}

),

ks2 as (

    select * from {{ ref('int_ks2_rows_marked') }} where ledger_rule_id = 'used'

),

ks4 as (

    select * from {{ ref('int_ks4_rows_marked') }} where ledger_rule_id = 'used'

),

exclusion_reasons as (

    select code, label, code_group
    from {{ ref('npd_exclusion_reason') }}

),

suspensions_by_reason as (

    -- one without a date counts from the first day of its school year, as in int_education_events
    select
        pupil_id,
        exclusion_reason_code,
        count(*) as n_suspensions,
        min(coalesce(exclusion_start_date, {{ school_year_first_day('academic_year_end') }})) as first_date
    from {{ ref('int_exclusion_rows_marked') }}
    where ledger_rule_id = 'used' and exclusion_kind = 'suspension' and exclusion_reason_code is not null
    group by pupil_id, exclusion_reason_code

),

ranked_reasons as (

    select
        suspensions_by_reason.*,
        exclusion_reasons.label,
        exclusion_reasons.code_group,
        row_number() over (
            partition by suspensions_by_reason.pupil_id
            order by
                suspensions_by_reason.n_suspensions desc nulls last, suspensions_by_reason.first_date nulls last,
                suspensions_by_reason.exclusion_reason_code nulls last
        ) as place
    from suspensions_by_reason
    left join exclusion_reasons on suspensions_by_reason.exclusion_reason_code = exclusion_reasons.code

),

reasons as (

    select
        pupil_id,
        max(case when place = 1 then exclusion_reason_code end) as main_suspension_reason_code,
        max(case when place = 1 then coalesce(label, 'unmapped') end) as main_suspension_reason_label,
        cast(count(*) as integer) as n_suspension_reasons,
        cast(sum(case when code_group = 'violence' then n_suspensions else 0 end) as integer) as n_suspensions_for_violence
    from ranked_reasons
    group by pupil_id

),

school_years as (

    select
        pupil_id,
        max(case when is_secondary then 1 else 0 end) = 1 as has_secondary_year,
        cast(count(case when is_secondary and absence_status in ('sessions_recorded', 'zero_possible_sessions') then 1 end) as integer)
            as n_secondary_years_with_absence,
        cast(sum(case when is_secondary then n_sessions_possible end) as bigint) as n_secondary_sessions_possible,
        cast(sum(case when is_secondary then n_authorised_absence end) as bigint) as n_secondary_authorised_absence,
        cast(sum(case when is_secondary then n_unauthorised_absence end) as bigint) as n_secondary_unauthorised_absence,
        cast(sum(case when is_secondary then n_overall_absence end) as bigint) as n_secondary_overall_absence,
        {% for rule in ['', '_rule_of_the_time', '_unauthorised_other'] -%}
        max(cast(is_persistently_absent{{ rule }} as integer)) = 1
            as ever_persistently_absent{{ rule }},
        {% endfor -%}
        cast(count(case when is_persistently_absent then 1 end) as integer) as n_years_persistently_absent,
        cast(count(is_persistently_absent) as integer) as n_years_with_absence,
        cast(count(n_suspensions) as integer) as n_years_with_exclusions,
        cast(sum(n_suspensions) as integer) as n_suspensions,
        cast(sum(n_suspension_sessions_lost) as integer) as n_suspension_sessions_lost,
        cast(sum(n_suspensions_without_sessions) as integer) as n_suspensions_without_sessions,
        cast(sum(n_permanent_exclusions) as integer) as n_permanent_exclusions
    from {{ ref('pupil_school_years') }}
    group by pupil_id

),

final as (

    select
        pupils.pupil_id,
        case
            when schooling.pupil_id is not null then 'in_a_census'
            when school_years.pupil_id is not null then 'in_other_education_data'
            when pupils.is_in_education_data then 'no_usable_row'
            else 'no_education_record'
        end as education_record_status,
        pupils.cohort_year + 16 <= schooling_end.last_year as is_year_11_over,

        case
            when not supplied.is_ks2_supplied then null
            when ks2.is_expected_english is not null or ks2.is_expected_maths is not null then 'result'
            when ks2.pupil_id is not null then 'no_level'
            when ks2_years.ks2_tests = 'cancelled' and pupils.cohort_year + 11 <= result_years.last_census_year then 'tests_cancelled'
            when pupils.cohort_year + 11 not between result_years.first_ks2_year and result_years.last_ks2_year then 'year_not_delivered'
            else 'no_record'
        end as ks2_status,
        ks2.academic_year_end as ks2_academic_year_end,
        case
            when ks2.ks2_english_column like '%_level_code' then 'levels'
            when ks2.ks2_english_column like '%_scaled_score' then 'scaled_scores'
        end as ks2_measure,
        ks2.is_expected_english as achieved_ks2_english,
        ks2.is_expected_maths as achieved_ks2_maths,

        case
            when not supplied.is_ks4_supplied then null
            when ks4.pupil_id is not null and ks4_rules.ks4_grades = 'centre_assessed' then 'centre_assessed_result'
            when ks4.pupil_id is not null then 'exam_result'
            when pupils.cohort_year + 16 not between result_years.first_ks4_year and result_years.last_ks4_year then 'year_not_delivered'
            else 'no_record'
        end as ks4_status,
        ks4.ks4_setting,
        ks4.academic_year_end as ks4_academic_year_end,
        ks4.ks4_level2_column as ks4_measure,
        ks4.is_in_national_results as is_ks4_in_national_results,
        ks4.achieved_level2_english_maths,
        ks4.achieved_five_good_passes_english_maths,
        ks4.achieved_five_passes_english_maths,
        ks4.achieved_any_pass,
        ks4.achieved_ebacc,
        ks4.attainment_8 as attainment_8_score,
        case when ks4.attainment_8 is not null then ks4_rules.attainment_8_scale end as attainment_8_scale,
        ks4.ks4_capped_points,
        ks4.entered_any as ks4_entered_any,
        ks4.entered_five as ks4_entered_five,
        ks4.n_entries as n_ks4_entries,
        ks4.n_good_passes as n_ks4_good_passes,
        ks4.n_passes as n_ks4_passes,

        case
            when not supplied.is_absence_supplied then null
            when school_years.n_secondary_sessions_possible > 0 then 'sessions_recorded'
            when school_years.n_secondary_sessions_possible = 0 then 'zero_possible_sessions'
            when school_years.has_secondary_year then 'no_absence_record'
            else 'no_secondary_year'
        end as secondary_absence_status,
        case when school_years.has_secondary_year and supplied.is_absence_supplied then school_years.n_secondary_years_with_absence end
            as n_secondary_years_with_absence,
        school_years.n_secondary_sessions_possible,
        school_years.n_secondary_authorised_absence,
        school_years.n_secondary_unauthorised_absence,
        school_years.n_secondary_overall_absence,
        {% for kind in ['authorised', 'unauthorised', 'overall'] -%}
        cast(school_years.n_secondary_{{ kind }}_absence as double) / nullif(school_years.n_secondary_sessions_possible, 0)
            as secondary_{{ kind }}_absence_rate,
        {% endfor %}
        school_years.ever_persistently_absent,
        school_years.ever_persistently_absent_rule_of_the_time,
        school_years.ever_persistently_absent_unauthorised_other,
        case when school_years.n_years_with_absence > 0 then school_years.n_years_persistently_absent end as n_years_persistently_absent,
        event_dates.first_persistent_absence_date,
        event_dates.first_persistent_absence_date_precision,

        case when supplied.is_exclusions_supplied and school_years.pupil_id is not null then school_years.n_years_with_exclusions end
            as n_years_exclusions_could_see,
        school_years.n_suspensions > 0 as ever_suspended,
        school_years.n_suspensions,
        -- without a single stated number of sessions the sum is unknown, not 0
        case
            when school_years.n_suspensions > 0 and school_years.n_suspensions = school_years.n_suspensions_without_sessions then null
            else school_years.n_suspension_sessions_lost
        end as n_suspension_sessions_lost,
        school_years.n_suspensions_without_sessions,
        event_dates.first_suspension_date,
        event_dates.first_suspension_date_precision,
        reasons.main_suspension_reason_code,
        reasons.main_suspension_reason_label,
        -- suspended, and no reason given: unknown, not 0
        case when school_years.n_suspensions = 0 then 0 else reasons.n_suspension_reasons end as n_suspension_reasons,
        case when school_years.n_suspensions = 0 then 0 else reasons.n_suspensions_for_violence end as n_suspensions_for_violence,
        school_years.n_permanent_exclusions > 0 as ever_permanently_excluded,
        school_years.n_permanent_exclusions,
        event_dates.first_permanent_exclusion_date,
        event_dates.first_permanent_exclusion_date_precision,

        case
            when schooling.n_alternative_provision_years > 0 then true
            when schooling.pupil_id is not null and supplied.is_pru_census_supplied and supplied.is_ap_census_supplied then false
        end as ever_in_alternative_provision,
        case when supplied.is_pru_census_supplied and supplied.is_ap_census_supplied then schooling.n_alternative_provision_years end
            as n_alternative_provision_years,
        case when supplied.is_pru_census_supplied then schooling.n_pru_census_years end as n_pru_census_years,
        case when supplied.is_ap_census_supplied then schooling.n_ap_census_years end as n_ap_census_years,
        schooling.n_unit_days as n_pupil_referral_unit_days,

        case when supplied.is_school_census_supplied then schooling.n_schools end as n_schools,
        case when supplied.is_school_census_supplied then schooling.n_unexpected_moves end as n_unexpected_moves,
        schooling.n_years_observed,
        case when supplied.is_school_census_supplied then schooling.n_years_missing end as n_years_missing
    from pupils
    cross join supplied
    cross join result_years
    cross join schooling_end
    left join schooling on pupils.pupil_id = schooling.pupil_id
    left join school_years on pupils.pupil_id = school_years.pupil_id
    left join event_dates on pupils.pupil_id = event_dates.pupil_id
    left join reasons on pupils.pupil_id = reasons.pupil_id
    left join ks2 on pupils.pupil_id = ks2.pupil_id
    left join ks4 on pupils.pupil_id = ks4.pupil_id
    left join years_of_rules as ks2_years on pupils.cohort_year + 11 = ks2_years.academic_year_end
    left join years_of_rules as ks4_rules on ks4.academic_year_end = ks4_rules.academic_year_end

)

select * from final
