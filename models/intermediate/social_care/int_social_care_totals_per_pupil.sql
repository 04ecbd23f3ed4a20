{# One row per pupil with social care: spells, moves, placement days, legal statuses, plans and need, first dates and the readings of the level.
   Grain: pupil_id.   Population: pupils with a cleaned care episode or a used row of the children in need census.
   Rule: sums over spells, stays, referrals and plans; a total is exact if every part of it is. #}

{%- set placement_groups = ['foster', 'kinship_foster', 'residential', 'secure', 'custody', 'with_parents', 'adoption', 'independent', 'other'] %}

with

readings as (

    select pupil_id, level_of_data_explained, level_of_dfe, level_of_echild
    from {{ ref('int_social_care_readings') }}
    where return_year is null

),

spells as (

    select * from {{ ref('int_care_spells_described') }} where pupil_id is not null

),

of_spells as (

    select
        pupil_id,
        count(*) as n_care_spells,
        sum(n_moves) as n_placement_moves,
        sum(n_placements) as n_placements,
        sum(care_days) as care_days,
        sum(case when is_return_home then 1 else 0 end) as n_returns_home,
        max(case when care_days_exactness = 'exact' and has_all_episodes then 0 else 1 end) = 0 as are_care_days_exact,
        max(case when counts_exactness = 'exact' then 0 else 1 end) = 0 as are_care_counts_exact
    from spells
    group by pupil_id

),

of_placements as (

    select
        pupil_id,
        {% for group in placement_groups -%}
        sum(case when placement_group = '{{ group }}' then days_in_placement else 0 end) as care_days_{{ group }},
        {% endfor -%}
        sum(case when placement_group <> 'unknown' then days_in_placement else 0 end) as care_days_placed
    from {{ ref('int_care_placements') }}
    where pupil_id is not null
    group by pupil_id

),

legal_statuses as (

    select code, code_group
    from {{ ref('cla_legal_status') }}

),

of_legal_statuses as (

    select
        episodes.pupil_id,
        max(case when legal_statuses.code_group = 'interim_care_order' then 1 else 0 end) = 1 as ever_interim_care_order,
        max(case when legal_statuses.code_group = 'care_order' then 1 else 0 end) = 1 as ever_full_care_order,
        max(case when legal_statuses.code_group = 'freeing_or_placement_order' then 1 else 0 end) = 1 as ever_placement_order,
        max(case when legal_statuses.code_group = 's20_voluntary' then 1 else 0 end) = 1 as ever_accommodated_section_20,
        max(case when legal_statuses.code_group = 'short_breaks' then 1 else 0 end) = 1 as ever_short_breaks,
        max(case when legal_statuses.code_group = 'child_protection_detained' then 1 else 0 end) = 1 as ever_detained_for_protection,
        max(case when legal_statuses.code_group = 'youth_justice' then 1 else 0 end) = 1 as ever_youth_justice_status,
        max(case when legal_statuses.code_group = 'other' then 1 else 0 end) = 1 as ever_other_legal_status
    from {{ ref('int_care_episodes') }} as episodes
    left join legal_statuses on episodes.legal_status_code = legal_statuses.code
    where episodes.pupil_id is not null
    group by episodes.pupil_id

),

of_referrals as (

    select
        pupil_id,
        count(*) as n_referrals,
        max(case when n_years_in_need > 0 and (referral_date is null or closure_date < referral_date) then 1 else 0 end) = 1 as has_undated_need,
        max(case when has_plan and first_plan_start_date is null then 1 else 0 end) = 1 as has_undated_plan
    from {{ ref('int_need_episodes') }}
    where pupil_id is not null
    group by pupil_id

),

of_plans as (

    select
        pupil_id,
        count(*) as n_child_protection_plans,
        max(case when plan_days is null then 1 else 0 end) = 1 as has_plan_without_length
    from {{ ref('int_protection_plans') }}
    where pupil_id is not null
    group by pupil_id

),

need_births as (

    select child_key, notional_birth_date from {{ ref('int_child_attributes_resolved') }}

),

of_need_spells as (

    select
        need_spells.pupil_id,
        sum(case when need_spells.spell_kind = 'need' then need_spells.spell_days end) as need_days,
        sum(case when need_spells.spell_kind = 'plan' then need_spells.spell_days end) as plan_days,
        max(case when need_spells.spell_kind = 'need' and need_spells.has_open_part
            and coalesce(need_spells.spell_end_date < {{ childhood_end_date('need_births.notional_birth_date') }}, true) then 1 else 0 end) = 1
            as has_open_need,
        max(case when need_spells.spell_kind = 'plan' and need_spells.has_open_part
            and coalesce(need_spells.spell_end_date < {{ childhood_end_date('need_births.notional_birth_date') }}, true) then 1 else 0 end) = 1
            as has_open_plan
    from {{ ref('int_need_spells') }} as need_spells
    left join need_births on need_spells.pupil_id = need_births.child_key
    where need_spells.pupil_id is not null
    group by need_spells.pupil_id

),

first_days as (

    select
        pupil_id,
        min(first_known_date) as first_contact_date,
        max(case when level = 'child_in_need' then first_known_date end) as first_child_in_need_date,
        max(case when level = 'child_in_need' then date_precision end) as first_child_in_need_date_precision,
        max(case when level = 'child_in_need' then confirmed_date end) as child_in_need_confirmed_date,
        max(case when level = 'child_protection_plan' then first_known_date end) as first_child_protection_plan_date,
        max(case when level = 'child_protection_plan' then date_precision end) as first_child_protection_plan_date_precision
    from {{ ref('int_social_care_level_changes') }}
    group by pupil_id

),

at_ages as (

    select * from {{ ref('int_social_care_at_ages') }}

),

final as (

    select
        readings.pupil_id,
        readings.level_of_data_explained,
        readings.level_of_dfe,
        readings.level_of_echild,

        first_days.first_contact_date,
        first_days.first_child_in_need_date,
        first_days.first_child_in_need_date_precision,
        first_days.child_in_need_confirmed_date,
        first_days.first_child_protection_plan_date,
        first_days.first_child_protection_plan_date_precision,

        cast(of_spells.n_care_spells as integer) as n_care_spells,
        cast(of_spells.n_returns_home as integer) as n_returns_home,
        cast(of_spells.n_placements as integer) as n_placements,
        cast(of_spells.n_placement_moves as integer) as n_placement_moves,
        {% for group in placement_groups -%}
        cast(of_placements.care_days_{{ group }} as integer) as care_days_{{ group }},
        {% endfor -%}
        cast(of_spells.care_days - of_placements.care_days_placed as integer) as care_days_placement_unknown,
        of_spells.are_care_days_exact,
        of_spells.are_care_counts_exact,

        of_legal_statuses.ever_interim_care_order,
        of_legal_statuses.ever_full_care_order,
        of_legal_statuses.ever_placement_order,
        of_legal_statuses.ever_accommodated_section_20,
        of_legal_statuses.ever_short_breaks,
        of_legal_statuses.ever_detained_for_protection,
        of_legal_statuses.ever_youth_justice_status,
        of_legal_statuses.ever_other_legal_status,

        cast(of_referrals.n_referrals as integer) as n_referrals,
        cast(of_plans.n_child_protection_plans as integer) as n_child_protection_plans,
        cast(of_need_spells.need_days as integer) as need_days,
        cast(of_need_spells.plan_days as integer) as plan_days,
        coalesce(of_need_spells.has_open_need, false) or coalesce(of_referrals.has_undated_need, false) as are_need_days_too_few,
        coalesce(of_need_spells.has_open_plan, false) or coalesce(of_referrals.has_undated_plan, false)
            or coalesce(of_plans.has_plan_without_length, false) as are_plan_days_too_few,

        {% for age in ('16', '18') -%}
        case
            when at_ages.is_care_at_{{ age }} then 'child_looked_after'
            when at_ages.is_plan_at_{{ age }} then 'child_protection_plan'
            when at_ages.is_need_at_{{ age }} then 'child_in_need'
        end as state_at_{{ age }}{{ ',' if not loop.last }}
        {% endfor %}
    from readings
    left join first_days on readings.pupil_id = first_days.pupil_id
    left join of_spells on readings.pupil_id = of_spells.pupil_id
    left join of_placements on readings.pupil_id = of_placements.pupil_id
    left join of_legal_statuses on readings.pupil_id = of_legal_statuses.pupil_id
    left join of_referrals on readings.pupil_id = of_referrals.pupil_id
    left join of_plans on readings.pupil_id = of_plans.pupil_id
    left join of_need_spells on readings.pupil_id = of_need_spells.pupil_id
    left join at_ages on readings.pupil_id = at_ages.pupil_id

)

select * from final
