{# One row per pupil: contact with children's social care over the whole childhood, and the highest level ever.
   Grain: pupil_id.   Population: every pupil of `pupils`.
   Rule: looked after > child protection plan > child in need > referral only > no contact. What a table that was not
   supplied would have told is NULL. A pupil without contact has false flags, counts of 0 and no dates, codes or durations. #}

with

pupils as (

    select pupil_id, notional_birth_date, is_in_education_data from {{ ref('pupils') }}

),

supplied as (

    select is_cla_supplied, is_cin_supplied from {{ ref('int_tables_supplied') }}

),

care as (

    select * from {{ ref('int_care_history_per_pupil') }}

),

need as (

    select * from {{ ref('int_need_history_per_pupil') }}

),

asylum_flags as (

    -- a column that no episode of the extract fills tells of nobody
    select max(case when ever_unaccompanied_asylum_seeker is not null then 1 else 0 end) = 1 as are_delivered
    from care

),

plan_dates as (

    -- method C is NULL for everybody where the extract has no plan dates at all
    select max(case when cpp_by_plan_dates is not null then 1 else 0 end) = 1 as are_delivered
    from need

),

shapes as (

    select
        case when max(case when source = 'cla' then extract_shape end) = min(case when source = 'cla' then extract_shape end)
            then max(case when source = 'cla' then extract_shape end)
            when max(case when source = 'cla' then extract_shape end) is not null then 'mixed' end as cla_extract_shape,
        case when max(case when source = 'cin' then extract_shape end) = min(case when source = 'cin' then extract_shape end)
            then max(case when source = 'cin' then extract_shape end)
            when max(case when source = 'cin' then extract_shape end) is not null then 'mixed' end as cin_extract_shape
    from {{ ref('int_social_care_return_years') }}

),

coverage as (

    select * from {{ ref('int_childhood_years_covered') }}

),

totals as (

    select * from {{ ref('int_social_care_totals_per_pupil') }}

),

spans as (

    -- the days that both returns of the extract cover
    select max(first_date) as first_day, min(last_date) as last_day
    from {{ ref('int_social_care_spans') }}

),

levels as (

    select level, rank from {{ ref('social_care_levels') }}

),

categories_of_need as (

    select code, label
    from {{ ref('cla_category_of_need') }}

),

facts as (

    -- no row in a supplied table means no; a table that was not supplied leaves the question open
    select
        pupils.*,
        supplied.is_cla_supplied,
        supplied.is_cin_supplied,
        need.pupil_id is not null as has_cin_rows,
        case when supplied.is_cla_supplied then coalesce(care.ever_child_looked_after, false) end as ever_child_looked_after,
        case when supplied.is_cla_supplied then coalesce(care.has_respite_only, false) end as has_respite_only,
        case
            when care.pupil_id is not null then care.ever_unaccompanied_asylum_seeker
            when asylum_flags.are_delivered then false
        end as ever_unaccompanied_asylum_seeker,
        case when supplied.is_cla_supplied then coalesce(care.n_care_episodes_observed, 0) end as n_care_episodes_observed,
        care.care_days_observed,
        care.first_care_date,
        care.last_care_date,
        care.first_category_of_need_code,
        care.last_category_of_need_code,
        case when supplied.is_cin_supplied then coalesce(need.ever_child_protection_plan, false) end as ever_child_protection_plan,
        case when supplied.is_cin_supplied then coalesce(need.cpp_by_category_of_abuse, false) end as cpp_by_category_of_abuse,
        case when supplied.is_cin_supplied then coalesce(need.cpp_by_previous_plans, false) end as cpp_by_previous_plans,
        case when plan_dates.are_delivered then coalesce(need.cpp_by_plan_dates, false) end as cpp_by_plan_dates,
        need.cpp_methods_agree,
        case when supplied.is_cin_supplied then coalesce(need.ever_child_in_need, false) end as ever_child_in_need,
        case when supplied.is_cin_supplied then coalesce(need.years_child_in_need, 0) end as years_child_in_need,
        case when supplied.is_cin_supplied then coalesce(need.has_referral_no_further_action, false) end as has_referral_no_further_action
    from pupils
    cross join supplied
    left join care on pupils.pupil_id = care.pupil_id
    left join need on pupils.pupil_id = need.pupil_id
    cross join plan_dates
    cross join asylum_flags

),

levelled as (

    select
        *,
        {{ highest_level_where(
            contact='has_cin_rows', need='ever_child_in_need', plan='ever_child_protection_plan', care='ever_child_looked_after',
            no_contact='is_in_education_data', is_untold='not (is_cla_supplied and is_cin_supplied)'
        ) }} as social_care_level
    from facts

),

final as (

    select
        levelled.pupil_id,

        levelled.social_care_level,
        levels.rank as social_care_level_rank,
        {% for reading in ('data_explained', 'dfe', 'echild') -%}
        case
            when levelled.is_cla_supplied and levelled.is_cin_supplied
                then coalesce(nullif(totals.level_of_{{ reading }}, 'no_contact'), case when levelled.social_care_level is not null then 'no_contact' end)
        end as level_of_{{ reading }},
        {% endfor %}
        levelled.ever_child_looked_after,
        levelled.has_respite_only,
        levelled.ever_unaccompanied_asylum_seeker,

        levelled.ever_child_protection_plan,
        levelled.cpp_by_category_of_abuse,
        levelled.cpp_by_previous_plans,
        levelled.cpp_by_plan_dates,
        levelled.cpp_methods_agree,

        levelled.ever_child_in_need,
        levelled.years_child_in_need,
        levelled.social_care_level = 'referral_only' as is_referral_only,
        levelled.has_referral_no_further_action,
        case when levelled.social_care_level = 'referral_only' then levelled.has_referral_no_further_action end
            as referral_only_agrees_with_nfa,

        case
            when levelled.is_cla_supplied and levelled.is_cin_supplied and levelled.is_in_education_data
                and coalesce(totals.first_contact_date >= spans.first_day, true) then spans.first_day
        end as no_contact_from_date,
        totals.first_contact_date,
        {{ age_in_years('levelled.notional_birth_date', 'totals.first_contact_date') }} as age_first_contact,
        totals.first_child_in_need_date,
        totals.first_child_in_need_date_precision,
        totals.child_in_need_confirmed_date,
        {{ age_in_years('levelled.notional_birth_date', 'totals.first_child_in_need_date') }} as age_first_child_in_need,
        totals.first_child_protection_plan_date,
        totals.first_child_protection_plan_date_precision,
        {{ age_in_years('levelled.notional_birth_date', 'totals.first_child_protection_plan_date') }} as age_first_child_protection_plan,
        levelled.first_care_date,
        {{ age_in_years('levelled.notional_birth_date', 'levelled.first_care_date') }} as age_first_care,
        levelled.last_care_date,

        levelled.n_care_episodes_observed,
        levelled.care_days_observed,
        case
            when not levelled.is_cla_supplied then 'not_available'
            -- the last episode of a year, under respite, may hide care earlier in it
            when totals.n_care_spells is null and levelled.has_respite_only and shapes.cla_extract_shape <> 'all_episodes' then 'lower_bound'
            when totals.n_care_spells is null or totals.are_care_days_exact then 'exact'
            else 'lower_bound'
        end as care_days_exactness,
        case when levelled.is_cla_supplied then coalesce(totals.n_care_spells, 0) end as n_care_spells,
        case when levelled.is_cla_supplied then coalesce(totals.n_care_spells - 1, 0) end as n_re_entries,
        case when levelled.is_cla_supplied then coalesce(totals.n_returns_home, 0) end as n_returns_home,
        case when levelled.is_cla_supplied then coalesce(totals.n_placements, 0) end as n_placements,
        case when levelled.is_cla_supplied then coalesce(totals.n_placement_moves, 0) end as n_placement_moves,
        {% for group in ('foster', 'kinship_foster', 'residential', 'secure', 'custody', 'with_parents', 'adoption', 'independent', 'other',
            'placement_unknown') -%}
        totals.care_days_{{ group }},
        {% endfor -%}
        case
            when not levelled.is_cla_supplied then 'not_available'
            when totals.n_care_spells is null and levelled.has_respite_only and shapes.cla_extract_shape <> 'all_episodes' then 'lower_bound'
            when totals.n_care_spells is null or totals.are_care_counts_exact then 'exact'
            else 'lower_bound'
        end as care_counts_exactness,
        {% for status in ('interim_care_order', 'full_care_order', 'placement_order', 'accommodated_section_20', 'short_breaks',
            'detained_for_protection', 'youth_justice_status', 'other_legal_status') -%}
        case when levelled.is_cla_supplied then coalesce(totals.ever_{{ status }}, false) end as ever_{{ status }},
        {% endfor %}
        levelled.first_category_of_need_code,
        case when levelled.first_category_of_need_code is not null then coalesce(first_needs.label, 'unmapped') end
            as first_category_of_need_label,
        levelled.last_category_of_need_code,
        case when levelled.last_category_of_need_code is not null then coalesce(last_needs.label, 'unmapped') end
            as last_category_of_need_label,

        case when levelled.is_cin_supplied then coalesce(totals.n_referrals, 0) end as n_referrals,
        case
            when not levelled.is_cin_supplied then 'not_available'
            when totals.n_referrals is null or shapes.cin_extract_shape = 'all_episodes' then 'exact'
            else 'lower_bound'
        end as n_referrals_exactness,
        case when levelled.cpp_by_plan_dates is not null then coalesce(totals.n_child_protection_plans, 0) end as n_child_protection_plans,
        totals.plan_days,
        case
            when levelled.cpp_by_plan_dates is null then 'not_available'
            when not levelled.ever_child_protection_plan then 'exact'
            when totals.are_plan_days_too_few or totals.plan_days is null or shapes.cin_extract_shape <> 'all_episodes' then 'lower_bound'
            else 'exact'
        end as plan_days_exactness,
        totals.need_days,
        case
            when coalesce(shapes.cin_extract_shape, 'last_episode_per_year') = 'last_episode_per_year' then 'not_available'
            when not levelled.ever_child_in_need then 'exact'
            when totals.are_need_days_too_few or shapes.cin_extract_shape <> 'all_episodes' then 'lower_bound'
            else 'exact'
        end as need_days_exactness,

        {% for age, day in {
            '16': birthday('levelled.notional_birth_date', 16),
            '18': 'cast(' ~ dbt.dateadd('day', -1, birthday('levelled.notional_birth_date', 18)) ~ ' as date)'
        }.items() -%}
        case
            when not (levelled.is_cla_supplied and levelled.is_cin_supplied) then null
            when totals.state_at_{{ age }} is not null then totals.state_at_{{ age }}
            when {{ day }} < spans.first_day or {{ day }} > spans.last_day or levelled.notional_birth_date is null then null
            when totals.first_contact_date <= {{ day }} then 'known_before'
            when levelled.is_in_education_data then 'no_contact'
        end as status_at_{{ age }},
        {% endfor %}
        shapes.cla_extract_shape,
        shapes.cin_extract_shape,
        case when levelled.is_cla_supplied then coverage.n_years_cla end as n_childhood_years_cla_could_see,
        case when levelled.is_cin_supplied then coverage.n_years_cin end as n_childhood_years_cin_could_see
    from levelled
    cross join shapes
    cross join spans
    left join levels on levelled.social_care_level = levels.level
    left join totals on levelled.pupil_id = totals.pupil_id
    left join coverage on levelled.notional_birth_date = coverage.notional_birth_date
    left join categories_of_need as first_needs on levelled.first_category_of_need_code = first_needs.code
    left join categories_of_need as last_needs on levelled.last_category_of_need_code = last_needs.code

)

select * from final
