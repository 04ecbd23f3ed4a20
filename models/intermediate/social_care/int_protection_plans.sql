{# One row per child protection plan that has a date.
   Grain: child_key, plan_start_date, plan_end_date.   Population: used and unlinked rows of the children in need census with a plan date.
   Rule: a plan is returned again each year while it is open, and known by its start; its end is that of the latest return. A plan without a start is kept by its end, unless another plan of the child ends on that day. #}

with

delivered as (

    select
        child_key,
        pupil_id,
        la_child_id,
        local_authority_code,
        return_year,
        referral_date,
        initial_conference_date,
        plan_start_date,
        plan_end_date,
        coalesce(initial_category_of_abuse_code, first_category_of_abuse_code) as initial_category_of_abuse_code,
        coalesce(latest_category_of_abuse_code, category_of_abuse_code) as latest_category_of_abuse_code,
        n_previous_plans,
        return_year_last_date,
        notional_birth_date,
        childhood_first_date,
        childhood_end_date
    from {{ ref('int_cin_rows_marked') }}
    where ledger_rule_id in ('used', 'unlinked')
        and (plan_start_date is not null or plan_end_date is not null)

),

grouped as (

    select
        child_key,
        plan_start_date,
        min(pupil_id) as pupil_id,
        {{ latest_value('la_child_id', 'return_year') }} as la_child_id,
        {{ latest_value('local_authority_code', 'return_year') }} as local_authority_code,
        cast({{ latest_value('cast(plan_end_date as ' ~ dbt.type_string() ~ ')', 'return_year', is_blank_told=true, is_greater=true) }} as date) as plan_end_date,
        min(referral_date) as referral_date,
        min(initial_conference_date) as initial_conference_date,
        {{ latest_value('initial_category_of_abuse_code', 'return_year') }} as initial_category_of_abuse_code,
        {{ latest_value('latest_category_of_abuse_code', 'return_year') }} as latest_category_of_abuse_code,
        max(n_previous_plans) as n_previous_plans,
        min(return_year) as first_return_year,
        max(return_year) as last_return_year,
        max(return_year_last_date) as last_return_date,
        min(notional_birth_date) as notional_birth_date,
        min(childhood_first_date) as childhood_first_date,
        max(childhood_end_date) as childhood_end_date
    from delivered
    group by child_key, plan_start_date, case when plan_start_date is null then plan_end_date end

),

with_starts as (

    select distinct child_key, plan_end_date from grouped where plan_start_date is not null and plan_end_date is not null

),

kept as (

    select grouped.*
    from grouped
    left join with_starts on grouped.child_key = with_starts.child_key and grouped.plan_end_date = with_starts.plan_end_date
    where grouped.plan_start_date is not null or with_starts.child_key is null

),

ended as (

    select
        *,
        plan_end_date is null or plan_end_date > last_return_date as is_open,
        case
            when plan_end_date is null or plan_end_date > last_return_date then last_return_date
            else plan_end_date
        end as observed_end_date
    from kept

),

clipped as (

    select
        *,
        -- a start before childhood is a slip, and gives no day to count from
        case when plan_start_date < childhood_first_date then null else plan_start_date end as counted_from_date,
        case when observed_end_date > childhood_end_date then childhood_end_date else observed_end_date end as counted_to_date
    from ended

),

final as (

    select
        child_key,
        plan_start_date,
        plan_end_date,
        pupil_id,
        la_child_id,
        local_authority_code,
        referral_date,
        initial_conference_date,
        initial_category_of_abuse_code,
        latest_category_of_abuse_code,
        n_previous_plans,
        cast(first_return_year as integer) as first_return_year,
        cast(last_return_year as integer) as last_return_year,
        is_open,
        notional_birth_date,
        counted_from_date,
        counted_to_date,
        -- a plan that ends before it starts has no length
        case
            when counted_to_date >= counted_from_date
                then cast({{ dbt.datediff('counted_from_date', 'counted_to_date', 'day') }} as integer)
        end as plan_days
    from clipped

)

select * from final
