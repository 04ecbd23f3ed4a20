{# One row per area, outcome and social care level, with counts as they may be shown.
   Grain: area_basis, area_code, outcome, social_care_level.   Population: every row of local_authority_outcomes.
   Rule: counts below the smallest of the seed disclosure_rules are left out, the others rounded; rates and ratios are
   worked out from the rounded counts, and are missing where a count is. #}

with

outcomes as (

    select * from {{ ref('local_authority_outcomes') }}

),

rules as (

    select
        max(case when rule = 'smallest_count' then value end) as smallest_count,
        max(case when rule = 'rounding_base' then value end) as rounding_base
    from {{ ref('disclosure_rules') }}

),

rounded as (

    select
        outcomes.*,
        {{ disclosed_count('outcomes.n_pupils') }} as shown_pupils,
        {{ disclosed_cases('outcomes.n_cases', 'outcomes.n_pupils') }} as shown_cases,
        {{ disclosed_count('outcomes.expected_cases') }} as shown_expected
    from outcomes
    cross join rules

),

rated as (

    select *, cast(shown_cases as double) / shown_pupils as shown_rate
    from rounded

),

nation as (

    select area_basis, outcome, social_care_level, shown_rate as national_rate
    from rated
    where area_code = 'england'

),

no_contact as (

    select area_code, outcome, shown_rate as no_contact_rate
    from rated
    where area_basis = 'school' and social_care_level = 'no_contact'

),

final as (

    select
        rated.area_basis,
        rated.area_code,
        rated.area_name,
        rated.region_name,
        rated.outcome,
        rated.social_care_level,
        rated.shown_pupils as n_pupils,
        rated.shown_cases as n_cases,
        rated.shown_rate as rate,
        nation.national_rate,
        no_contact.no_contact_rate,
        rated.shown_rate / nullif(nation.national_rate, 0) as rate_ratio_to_nation,
        rated.shown_rate / nullif(no_contact.no_contact_rate, 0) as rate_ratio_to_no_contact,
        case when rated.shown_cases is not null then rated.shown_expected end as expected_cases,
        cast(rated.shown_cases as double) / nullif(rated.shown_expected, 0) as standardised_ratio,
        case when rated.shown_cases is not null and rated.shown_expected is not null then rated.funnel_position end as funnel_position
    from rated
    left join nation
        on rated.area_basis = nation.area_basis
        and rated.outcome = nation.outcome
        and rated.social_care_level = nation.social_care_level
    left join no_contact on rated.area_code = no_contact.area_code and rated.outcome = no_contact.outcome

)

select * from final
