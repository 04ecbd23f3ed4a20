{# One row per pupil with a used row of the children in need census: need and child protection over the whole childhood.
   Grain: pupil_id.   Population: pupils with at least one used row.
   Rule: a plan is seen in three ways, each kept: a category of abuse (method A), a count of previous plans (B), plan dates (C).
   Where no row of the extract has a plan date, method C was not delivered and is NULL. #}

with

used as (

    select * from {{ ref('int_cin_rows_marked') }} where ledger_rule_id = 'used'

),

plan_dates as (

    select max(case when plan_start_date is not null or plan_end_date is not null then 1 else 0 end) = 1 as are_delivered
    from {{ ref('int_cin_rows_marked') }}

),

per_pupil as (

    select
        pupil_id,
        max(case when is_in_need_31_march_in_childhood then 1 else 0 end) = 1 as ever_child_in_need,
        count(distinct case when is_in_need_31_march_in_childhood then return_year end) as years_child_in_need,
        max(case when has_category_of_abuse then 1 else 0 end) = 1 as cpp_by_category_of_abuse,
        max(case when n_previous_plans >= 1 then 1 else 0 end) = 1 as cpp_by_previous_plans,
        max(case when plan_start_date is not null or plan_end_date is not null then 1 else 0 end) = 1 as has_plan_date,
        max(case when is_no_further_action then 1 else 0 end) = 1 as has_referral_no_further_action
    from used
    group by pupil_id

),

methods as (

    select
        per_pupil.*,
        case when plan_dates.are_delivered then per_pupil.has_plan_date end as cpp_by_plan_dates
    from per_pupil
    cross join plan_dates

),

final as (

    select
        pupil_id,
        ever_child_in_need,
        cast(years_child_in_need as bigint) as years_child_in_need,
        cpp_by_category_of_abuse or cpp_by_previous_plans or coalesce(cpp_by_plan_dates, false) as ever_child_protection_plan,
        cpp_by_category_of_abuse,
        cpp_by_previous_plans,
        cpp_by_plan_dates,
        cpp_by_category_of_abuse = cpp_by_previous_plans as cpp_methods_agree,
        has_referral_no_further_action
    from methods

)

select * from final
