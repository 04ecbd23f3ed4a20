{# One row per area, outcome and social care level: cases, rates, and the area set against the nation fairly.
   Grain: area_basis, area_code, outcome, social_care_level.
   Population: every area that has any pupil on that basis, with a row for each outcome and level even where it has none.
   Rule: expected cases are those that the area's pupils would have at the nation's rates by sex, birth cohort and level
   (indirect standardisation); the ratio has Poisson limits, exact for small counts and by Byar's approximation above. #}

with

strata as (

    select
        *,
        sum(case when area_code = 'england' then n_cases end) over (
            partition by area_basis, outcome, social_care_level, sex_code, cohort_academic_year) as n_cases_of_nation,
        sum(case when area_code = 'england' then n_pupils end) over (
            partition by area_basis, outcome, social_care_level, sex_code, cohort_academic_year) as n_pupils_of_nation
    from {{ ref('local_authority_strata') }}

),

levels as (

    select level as social_care_level from {{ ref('social_care_levels') }}
    union all
    select 'all_levels' as social_care_level

),

outcomes as (

    select outcome from {{ ref('compared_outcomes') }}

),

poisson_limits as (

    select * from {{ ref('poisson_limits') }}

),

names as (

    select code, min(label) as area_name, min(region_name) as region_name
    from {{ ref('local_authorities') }}
    group by code

),

characteristics as (

    select * from {{ ref('int_area_characteristics') }}

),

areas as (

    select distinct area_basis, area_code from strata

),

cells as (

    select areas.area_basis, areas.area_code, outcomes.outcome, levels.social_care_level
    from areas
    cross join outcomes
    cross join levels

),

level_counts as (

    select area_basis, area_code, outcome, social_care_level, n_pupils, n_cases,
        cast(n_pupils as double) * n_cases_of_nation / n_pupils_of_nation as expected_cases
    from strata

),

counts as (

    select area_basis, area_code, outcome, social_care_level,
        sum(n_pupils) as n_pupils, sum(n_cases) as n_cases, {{ round_half_up('sum(expected_cases)', 6) }} as expected_cases
    from level_counts
    group by area_basis, area_code, outcome, social_care_level
    union all
    select area_basis, area_code, outcome, 'all_levels' as social_care_level,
        sum(n_pupils) as n_pupils, sum(n_cases) as n_cases, {{ round_half_up('sum(expected_cases)', 6) }} as expected_cases
    from level_counts
    group by area_basis, area_code, outcome

),

counted as (

    select
        cells.area_basis,
        cells.area_code,
        cells.outcome,
        cells.social_care_level,
        coalesce(counts.n_pupils, 0) as n_pupils,
        coalesce(counts.n_cases, 0) as n_cases,
        coalesce(counts.expected_cases, 0) as expected_cases
    from cells
    left join counts
        on cells.area_basis = counts.area_basis
        and cells.area_code = counts.area_code
        and cells.outcome = counts.outcome
        and cells.social_care_level = counts.social_care_level

),

rated as (

    select
        *,
        cast(n_cases as double) / nullif(n_pupils, 0) as rate,
        n_cases / nullif(expected_cases, 0) as standardised_ratio
    from counted

),

no_contact as (

    -- pupils without contact have no responsible authority: there, those of the schools of the area stand in
    select area_basis, area_code, outcome, rate as no_contact_rate
    from rated
    where area_basis in ('school', 'home') and social_care_level = 'no_contact'

),

nation as (

    select area_basis, outcome, social_care_level, rate as national_rate
    from rated
    where area_code = 'england'

),

limited as (

    -- limits of the count itself
    select
        rated.*,
        {{ poisson_limits_of('rated.n_cases') }}
    from rated
    left join poisson_limits on rated.n_cases = poisson_limits.n_cases

),

spread as (

    -- how far the areas differ beyond chance: method of moments, Marshall 1991
    select
        area_basis,
        outcome,
        social_care_level,
        sum(n_cases) / nullif(sum(expected_cases), 0) as mean_ratio,
        sum(expected_cases) / nullif(sum(case when expected_cases > 0 then 1 else 0 end), 0) as mean_expected
    from rated
    where area_code <> 'england'
    group by area_basis, outcome, social_care_level

),

between_areas as (

    select
        spread.area_basis,
        spread.outcome,
        spread.social_care_level,
        spread.mean_ratio,
        greatest(
            sum(rated.expected_cases * power(rated.standardised_ratio - spread.mean_ratio, 2)) / nullif(sum(rated.expected_cases), 0)
            - spread.mean_ratio / spread.mean_expected,
            0
        ) as variance
    from spread
    inner join rated
        on spread.area_basis = rated.area_basis
        and spread.outcome = rated.outcome
        and spread.social_care_level = rated.social_care_level
    where rated.area_code <> 'england' and rated.expected_cases > 0
    group by spread.area_basis, spread.outcome, spread.social_care_level, spread.mean_ratio, spread.mean_expected

),

final as (

    select
        limited.area_basis,
        limited.area_code,
        case when limited.area_code = 'england' then 'England' else coalesce(names.area_name, 'unmapped') end as area_name,
        case when limited.area_code <> 'england' then coalesce(names.region_name, 'unmapped') end as region_name,
        limited.outcome,
        limited.social_care_level,

        cast(limited.n_pupils as bigint) as n_pupils,
        cast(limited.n_cases as bigint) as n_cases,
        limited.rate,
        nation.national_rate,
        no_contact.no_contact_rate,
        limited.rate / nullif(nation.national_rate, 0) as rate_ratio_to_nation,
        limited.rate / nullif(no_contact.no_contact_rate, 0) as rate_ratio_to_no_contact,

        limited.expected_cases,
        limited.standardised_ratio,
        limited.lower_95 / nullif(limited.expected_cases, 0) as ratio_lower_95,
        limited.upper_95 / nullif(limited.expected_cases, 0) as ratio_upper_95,
        limited.lower_998 / nullif(limited.expected_cases, 0) as ratio_lower_998,
        limited.upper_998 / nullif(limited.expected_cases, 0) as ratio_upper_998,
        case when limited.area_code <> 'england' then {{ funnel_position_of('limited.expected_cases') }} end as funnel_position,
        case
            when limited.area_code = 'england' then null
            when between_areas.variance = 0 or limited.expected_cases = 0 then between_areas.mean_ratio
            else between_areas.mean_ratio
                + between_areas.variance / (between_areas.variance + between_areas.mean_ratio / limited.expected_cases)
                * (limited.standardised_ratio - between_areas.mean_ratio)
        end as shrunken_ratio,

        characteristics.ever_free_school_meals_rate,
        characteristics.mean_idaci_score,
        characteristics.population_10_to_17,
        characteristics.child_poverty_rate,
        characteristics.recorded_crime_rate
    from limited
    left join names on limited.area_code = names.code
    left join nation
        on limited.area_basis = nation.area_basis
        and limited.outcome = nation.outcome
        and limited.social_care_level = nation.social_care_level
    left join no_contact
        on no_contact.area_basis = case when limited.area_basis = 'home' then 'home' else 'school' end
        and limited.area_code = no_contact.area_code
        and limited.outcome = no_contact.outcome
    left join between_areas
        on limited.area_basis = between_areas.area_basis
        and limited.outcome = between_areas.outcome
        and limited.social_care_level = between_areas.social_care_level
    left join characteristics on limited.area_basis = characteristics.area_basis and limited.area_code = characteristics.area_code

)

select * from final
