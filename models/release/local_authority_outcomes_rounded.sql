{# One row per area, outcome and social care level, with counts as they may be shown.
   Grain: area_basis, area_code, outcome, social_care_level.   Population: every row of local_authority_outcomes.
   Rule: counts below the smallest of the seed disclosure_rules are left out, the others rounded; rates, ratios and the
   position in the funnel are worked out from the rounded counts alone, and are missing where a count is. A ratio is told
   only where both its counts reach a larger number of the seed, since rounding moves a small count too far. #}

with

outcomes as (

    select * from {{ ref('local_authority_outcomes') }}

),

poisson_limits as (

    select * from {{ ref('poisson_limits') }}

),

rules as (

    select
        max(case when rule = 'smallest_count' then value end) as smallest_count,
        max(case when rule = 'rounding_base' then value end) as rounding_base,
        max(case when rule = 'smallest_count_of_ratio' then value end) as smallest_count_of_ratio
    from {{ ref('disclosure_rules') }}

),

rounded as (

    select
        outcomes.area_basis,
        outcomes.area_code,
        outcomes.area_name,
        outcomes.region_name,
        outcomes.outcome,
        outcomes.social_care_level,
        {{ disclosed_count('outcomes.n_pupils') }} as n_pupils,
        {{ disclosed_cases('outcomes.n_cases', 'outcomes.n_pupils') }} as n_cases,
        {{ disclosed_count('outcomes.expected_cases') }} as expected_cases,
        rules.smallest_count_of_ratio
    from outcomes
    cross join rules

),

rated as (

    select
        rounded.*,
        cast(rounded.n_cases as double) / rounded.n_pupils as rate,
        -- a group is no smaller than its cases, so that these alone decide
        rounded.n_cases >= rounded.smallest_count_of_ratio as has_cases_for_ratio,
        rounded.expected_cases >= rounded.smallest_count_of_ratio as has_expected_for_ratio,
        {{ poisson_limits_of('rounded.n_cases') }}
    from rounded
    left join poisson_limits on rounded.n_cases = poisson_limits.n_cases

),

nation as (

    select area_basis, outcome, social_care_level, rate, has_cases_for_ratio
    from rated
    where area_code = 'england'

),

no_contact as (

    select area_basis, area_code, outcome, rate, has_cases_for_ratio
    from rated
    where area_basis in ('school', 'home') and social_care_level = 'no_contact'

),

final as (

    select
        rated.area_basis,
        rated.area_code,
        rated.area_name,
        rated.region_name,
        rated.outcome,
        rated.social_care_level,
        rated.n_pupils,
        rated.n_cases,
        rated.rate,
        nation.rate as national_rate,
        no_contact.rate as no_contact_rate,
        case when rated.has_cases_for_ratio and nation.has_cases_for_ratio then rated.rate / nullif(nation.rate, 0) end
            as rate_ratio_to_nation,
        case when rated.has_cases_for_ratio and no_contact.has_cases_for_ratio then rated.rate / nullif(no_contact.rate, 0) end
            as rate_ratio_to_no_contact,
        case when rated.n_cases is not null then rated.expected_cases end as expected_cases,
        case when rated.has_cases_for_ratio and rated.has_expected_for_ratio then cast(rated.n_cases as double) / nullif(rated.expected_cases, 0) end
            as standardised_ratio,
        case
            when rated.area_code <> 'england' and rated.has_cases_for_ratio and rated.has_expected_for_ratio
                then {{ funnel_position_of('rated.expected_cases') }}
        end as funnel_position
    from rated
    left join nation
        on rated.area_basis = nation.area_basis
        and rated.outcome = nation.outcome
        and rated.social_care_level = nation.social_care_level
    left join no_contact
        on no_contact.area_basis = case when rated.area_basis = 'home' then 'home' else 'school' end
        and rated.area_code = no_contact.area_code
        and rated.outcome = no_contact.outcome

)

select * from final
