{# One row per pupil, wide: the table that most studies start from.
   Grain: pupil_id.   Population: every pupil of `pupils`.
   Rule: no rule of its own; every column is that of the mart it comes from, which explains it. In this order: who the pupil is,
   what could be seen of it, circumstances at school, exposure, education, justice, what came first. #}

with

pupils as (

    select * from {{ ref('pupils') }}

),

exposures as (

    select * from {{ ref('social_care_exposures') }}

),

education as (

    select * from {{ ref('education_outcomes') }}

),

justice as (

    select * from {{ ref('justice_outcomes') }}

),

follow_up as (

    select pupil_id, follow_up_status from {{ ref('follow_up') }}

),

orders as (

    select * from {{ ref('care_and_offending_order') }}

),

final as (

    select
        -- who the pupil is
        pupils.pupil_id,
        pupils.sex_code,
        pupils.ethnicity_minor_code,
        pupils.ethnicity_major_code,
        pupils.ethnicity_major_label,
        pupils.birth_year,
        pupils.birth_month,
        pupils.notional_birth_date,
        pupils.cohort_academic_year,
        pupils.local_authority_code,
        pupils.local_authority_name,
        pupils.region_name,
        pupils.home_local_authority_code,

        -- what could be seen of the pupil
        pupils.is_in_education_data,
        pupils.is_in_cla,
        pupils.is_in_cin,
        pupils.is_linked_to_offender,
        pupils.first_census_year,
        pupils.last_census_year,
        education.is_year_11_over,
        exposures.cla_extract_shape,
        exposures.cin_extract_shape,
        exposures.n_childhood_years_cla_could_see,
        exposures.n_childhood_years_cin_could_see,
        education.n_years_exclusions_could_see,
        justice.has_ambiguous_link,
        justice.follow_up_start_date,
        justice.follow_up_end_date,
        justice.follow_up_years,
        justice.is_followed_to_18,
        follow_up.follow_up_status,

        -- circumstances at school
        pupils.ever_free_school_meals,
        pupils.free_school_meals_at_15,
        pupils.sen_provision_ever,
        pupils.sen_provision_at_15,
        pupils.ever_behaviour_need,
        pupils.idaci_score_at_15,

        -- exposure: social care
        exposures.social_care_level,
        exposures.social_care_level_rank,
        exposures.ever_child_looked_after,
        exposures.has_respite_only,
        exposures.ever_child_protection_plan,
        exposures.ever_child_in_need,
        exposures.is_referral_only,
        exposures.years_child_in_need,
        exposures.first_contact_date,
        exposures.age_first_contact,
        exposures.first_child_in_need_date,
        exposures.age_first_child_in_need,
        exposures.first_child_protection_plan_date,
        exposures.age_first_child_protection_plan,
        exposures.first_care_date,
        exposures.age_first_care,
        exposures.last_care_date,
        exposures.care_days_observed,
        exposures.care_days_exactness,
        exposures.n_care_spells,
        exposures.n_re_entries,
        exposures.n_returns_home,
        exposures.n_placements,
        exposures.n_placement_moves,
        exposures.care_counts_exactness,
        exposures.first_category_of_need_code,
        exposures.status_at_16,
        exposures.status_at_18,

        -- outcomes: education
        education.education_record_status,
        education.ks2_status,
        education.achieved_ks2_english,
        education.achieved_ks2_maths,
        education.ks4_status,
        education.ks4_academic_year_end,
        education.ks4_measure,
        education.achieved_level2_english_maths,
        education.achieved_five_good_passes_english_maths,
        education.achieved_any_pass,
        education.attainment_8_score,
        education.attainment_8_scale,
        education.n_secondary_sessions_possible,
        education.n_secondary_unauthorised_absence,
        education.secondary_unauthorised_absence_rate,
        education.secondary_overall_absence_rate,
        education.ever_persistently_absent,
        education.first_persistent_absence_date,
        education.ever_suspended,
        education.n_suspensions,
        education.n_suspension_sessions_lost,
        education.first_suspension_date,
        education.ever_permanently_excluded,
        education.n_permanent_exclusions,
        education.first_permanent_exclusion_date,
        education.ever_in_alternative_provision,
        education.n_schools,
        education.n_unexpected_moves,
        education.n_years_observed,
        education.n_years_missing,

        -- outcomes: justice
        justice.convictions,
        justice.n_sanctions,
        justice.n_cautions,
        justice.n_convictions,
        justice.n_offences,
        justice.most_severe_disposal,
        justice.most_severe_disposal_as_youth,
        justice.is_prolific,
        justice.first_offence_date,
        justice.first_offence_age,
        justice.first_sanction_date,
        justice.ever_serious_violence,
        justice.first_serious_violence_date,
        justice.ever_crown_court,
        justice.ever_remanded,
        justice.n_receptions,
        justice.custody_nights_before_18,
        justice.custody_nights_from_18,

        -- what came first
        orders.contact_and_offence_order,
        orders.days_contact_to_offence,
        orders.child_in_need_and_offence_order,
        orders.child_protection_plan_and_offence_order,
        orders.child_looked_after_and_offence_order
    from pupils
    left join exposures on pupils.pupil_id = exposures.pupil_id
    left join education on pupils.pupil_id = education.pupil_id
    left join justice on pupils.pupil_id = justice.pupil_id
    left join follow_up on pupils.pupil_id = follow_up.pupil_id
    left join orders on pupils.pupil_id = orders.pupil_id

)

select * from final
