{# One row per child protection plan that has a date; none where the extract gives no plan dates, as in the first share.
   Grain: child_key, plan_start_date, plan_end_date.   Population: children in need data, with and without a pupil id. #}

with

plans as (

    select * from {{ ref('int_protection_plans') }}

),

categories as (

    select code, label
    from {{ ref('cin_category_of_abuse') }}

),

final as (

    select
        plans.child_key,
        plans.plan_start_date,
        plans.plan_end_date,
        plans.pupil_id,
        plans.la_child_id,
        plans.local_authority_code,
        plans.referral_date,
        plans.initial_conference_date,
        plans.initial_category_of_abuse_code,
        case when plans.initial_category_of_abuse_code is not null then coalesce(initial_categories.label, 'unmapped') end
            as initial_category_of_abuse_label,
        plans.latest_category_of_abuse_code,
        case when plans.latest_category_of_abuse_code is not null then coalesce(latest_categories.label, 'unmapped') end
            as latest_category_of_abuse_label,
        plans.n_previous_plans,
        plans.first_return_year,
        plans.last_return_year,
        plans.is_open,
        {{ age_in_years('plans.notional_birth_date', 'plans.plan_start_date') }} as age_at_start,
        plans.plan_days,
        case
            when plans.plan_days is null then 'not_available'
            when plans.is_open and coalesce(plans.counted_to_date < {{ childhood_end_date('plans.notional_birth_date') }}, true) then 'lower_bound'
            else 'exact'
        end as plan_days_exactness
    from plans
    left join categories as initial_categories on plans.initial_category_of_abuse_code = initial_categories.code
    left join categories as latest_categories on plans.latest_category_of_abuse_code = latest_categories.code

)

select * from final
