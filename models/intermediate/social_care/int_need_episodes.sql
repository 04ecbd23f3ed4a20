{# One row per referral to children's services, or per child and return year where referrals are not dated, and how far it went.
   Grain: child_key, referral_date, first_return_year.   Population: used and unlinked rows of the children in need census.
   Rule: a referral is returned again each year while it is open; a value is that of the latest return that gives it, its
   closure that of the latest return: blank there, it is open again. Of two codes in one return the smaller counts, but one that
   says less (N9, N0, RC8) only alone; of two days of closure the later. An end is seen up to the 31 March of the last return, and
   no end is counted past childhood. #}

with

delivered as (

    select * from {{ ref('int_cin_rows_marked') }} where ledger_rule_id in ('used', 'unlinked')

),

told_apart as (

    select
        *,
        case when referral_date is null then return_year end as undated_year
    from delivered

),

grouped as (

    select
        child_key,
        referral_date,
        min(return_year) as first_return_year,
        max(return_year) as last_return_year,
        min(pupil_id) as pupil_id,
        {{ latest_value('la_child_id', 'return_year') }} as la_child_id,
        {{ latest_value('local_authority_code', 'return_year') }} as local_authority_code,
        cast({{ latest_value('cast(closure_date as ' ~ dbt.type_string() ~ ')', 'return_year', is_blank_told=true, is_greater=true) }} as date) as closure_date,
        {{ latest_value('reason_for_closure_code', 'return_year', is_blank_told=true, last_codes=['RC8']) }} as reason_for_closure_code,
        {{ latest_value('primary_need_code', 'return_year', last_codes=['N9', 'N0']) }} as primary_need_code,
        {{ latest_value('referral_source_code', 'return_year') }} as referral_source_code,
        {{ latest_value('assessment_factor_codes', 'return_year') }} as assessment_factor_codes,
        min(initial_conference_date) as initial_conference_date,
        min(plan_start_date) as first_plan_start_date,
        max(plan_end_date) as last_plan_end_date,
        count(distinct plan_start_date) as n_plans,
        max(case when has_category_of_abuse or plan_start_date is not null or plan_end_date is not null then 1 else 0 end) = 1 as has_plan,
        max(case when is_no_further_action then 1 else 0 end) = 1 as is_no_further_action,
        count(distinct case when is_in_need_31_march_in_childhood then return_year end) as n_years_in_need,
        min(case when is_in_need_31_march_in_childhood then return_year end) as first_year_in_need,
        max(return_year_last_date) as last_return_date,
        min(notional_birth_date) as notional_birth_date,
        max(childhood_end_date) as childhood_end_date
    from told_apart
    group by child_key, referral_date, undated_year

),

ended as (

    -- a closure before the referral is an error of either date, and tells of no duration
    select
        *,
        case
            when referral_date is null then null
            when closure_date < referral_date then referral_date
            when closure_date is null or closure_date > last_return_date then last_return_date
            else closure_date
        end as observed_end_date
    from grouped

),

final as (

    select
        child_key,
        referral_date,
        cast(first_return_year as integer) as first_return_year,
        cast(last_return_year as integer) as last_return_year,
        pupil_id,
        la_child_id,
        local_authority_code,
        closure_date,
        reason_for_closure_code,
        primary_need_code,
        referral_source_code,
        assessment_factor_codes,
        initial_conference_date,
        first_plan_start_date,
        last_plan_end_date,
        cast(n_plans as integer) as n_plans,
        has_plan,
        is_no_further_action,
        cast(n_years_in_need as integer) as n_years_in_need,
        cast(first_year_in_need as integer) as first_year_in_need,
        coalesce(closure_date > last_return_date, true) as is_open,
        notional_birth_date,
        case when observed_end_date > childhood_end_date then childhood_end_date else observed_end_date end as end_date,
        case
            when has_plan then 'plan'
            when n_years_in_need > 0 then 'in_need'
            when is_no_further_action then 'referral_only'
            when reason_for_closure_code = 'RC8' then 'assessed_not_in_need'
            else 'in_need'
        end as furthest_stage
    from ended

)

select * from final
