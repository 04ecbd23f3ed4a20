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

levels as (

    select level, rank from {{ ref('social_care_levels') }}

),

categories_of_need as (

    select code, min(label) as label
    from {{ ref('cla_category_of_need') }}
    group by code

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

),

levelled as (

    select
        *,
        case
            when ever_child_looked_after then 'child_looked_after'
            when not (is_cla_supplied and is_cin_supplied) then null
            when ever_child_protection_plan then 'child_protection_plan'
            when ever_child_in_need then 'child_in_need'
            when has_cin_rows then 'referral_only'
            when is_in_education_data then 'no_contact'
        end as social_care_level
    from facts

),

final as (

    select
        levelled.pupil_id,

        levelled.social_care_level,
        levels.rank as social_care_level_rank,

        levelled.ever_child_looked_after,
        levelled.has_respite_only,

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

        levelled.first_care_date,
        levelled.last_care_date,
        levelled.n_care_episodes_observed,
        levelled.care_days_observed,
        levelled.first_category_of_need_code,
        case when levelled.first_category_of_need_code is not null then coalesce(first_needs.label, 'unmapped') end
            as first_category_of_need_label,
        levelled.last_category_of_need_code,
        case when levelled.last_category_of_need_code is not null then coalesce(last_needs.label, 'unmapped') end
            as last_category_of_need_label,

        shapes.cla_extract_shape,
        shapes.cin_extract_shape,
        case when levelled.is_cla_supplied then coverage.n_years_cla end as n_childhood_years_cla_could_see,
        case when levelled.is_cin_supplied then coverage.n_years_cin end as n_childhood_years_cin_could_see
    from levelled
    cross join shapes
    left join levels on levelled.social_care_level = levels.level
    left join coverage on levelled.notional_birth_date = coverage.notional_birth_date
    left join categories_of_need as first_needs on levelled.first_category_of_need_code = first_needs.code
    left join categories_of_need as last_needs on levelled.last_category_of_need_code = last_needs.code

)

select * from final
