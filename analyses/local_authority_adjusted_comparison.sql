{# One row per pupil, ready for the adjusted comparison of areas: outcome, level, the pupil's own circumstances and the area's.
   Reads: marts, and int_pupil_areas for the area.
   Population: pupils at a level above no contact, with an area by school, followed to 18 and without an ambiguous link. Those at no contact
   are left out: area_no_contact_rate is made of their own outcomes, and a model that held both would find it again in any area.

   In R, offending by level and area among pupils with a referral or more, over and above the area's level of offending without contact and
   its poverty:

       pupils <- transform(pupils, social_care_level = relevel(factor(social_care_level), "referral_only"))
       lme4::glmer(has_any_sanction ~ social_care_level + sex_code + ethnicity_major_code + cohort_academic_year
                   + area_no_contact_rate + area_ever_free_school_meals_rate + (1 | area_code),
                   family = binomial(link = "cloglog"), data = pupils)

   The complementary log-log link makes the coefficients log hazard ratios. Its random effects are the areas' own; levels that differ
   between areas, (1 + social_care_level | area_code), need a national extract. #}

with

pupils as (

    select pupil_id, sex_code, ethnicity_major_code, cohort_academic_year, ever_free_school_meals from {{ ref('pupils') }}

),

exposures as (

    select pupil_id, social_care_level, social_care_level_rank from {{ ref('social_care_exposures') }}

),

justice as (

    select pupil_id, n_sanctions > 0 as has_any_sanction, most_severe_disposal = 'custodial' as has_custodial_sanction, ever_serious_violence
    from {{ ref('justice_outcomes') }}
    where is_followed_to_18 and has_ambiguous_link = false

),

placed as (

    select pupil_id, area_code from {{ ref('int_pupil_areas') }} where area_basis = 'school'

),

areas as (

    select
        area_code,
        no_contact_rate as area_no_contact_rate,
        ever_free_school_meals_rate as area_ever_free_school_meals_rate,
        mean_idaci_score as area_mean_idaci_score,
        child_poverty_rate as area_child_poverty_rate,
        recorded_crime_rate as area_recorded_crime_rate
    from {{ ref('local_authority_outcomes') }}
    where area_basis = 'school' and outcome = 'any_sanction' and social_care_level = 'all_levels'

),

final as (

    select
        pupils.pupil_id,
        justice.has_any_sanction,
        justice.has_custodial_sanction,
        justice.ever_serious_violence,
        exposures.social_care_level,
        exposures.social_care_level_rank,
        pupils.sex_code,
        pupils.ethnicity_major_code,
        pupils.cohort_academic_year,
        pupils.ever_free_school_meals,
        placed.area_code,
        areas.area_no_contact_rate,
        areas.area_ever_free_school_meals_rate,
        areas.area_mean_idaci_score,
        areas.area_child_poverty_rate,
        areas.area_recorded_crime_rate
    from pupils
    inner join exposures on pupils.pupil_id = exposures.pupil_id
    inner join justice on pupils.pupil_id = justice.pupil_id
    inner join placed on pupils.pupil_id = placed.pupil_id
    inner join areas on placed.area_code = areas.area_code
    where exposures.social_care_level_rank > 0 and justice.has_any_sanction is not null

)

select * from final
