{# One row per referral to children's services, or per child and return year where referrals are not dated, and how far it went.
   Grain: child_key, referral_date, first_return_year.   Population: children in need data, with and without a pupil id.
   Rule: a case is open where its last return gives neither a closure by its 31 March nor a reason for one; days are counted to
   a date of closure alone, and there are none where that lies before the referral. #}

with

referrals as (

    select * from {{ ref('int_need_episodes') }}

),

shapes as (

    select return_year, extract_shape from {{ ref('int_social_care_return_years') }} where source = 'cin'

),

{% for name, lookup in {
    'primary_needs': 'cin_primary_need', 'closures': 'cin_reason_for_closure', 'referral_sources': 'cin_referral_source'
}.items() -%}
{{ name }} as (

    select code, label, code_group
    from {{ ref(lookup) }}

),

{% endfor -%}

final as (

    select
        referrals.child_key,
        referrals.referral_date,
        referrals.first_return_year,
        referrals.last_return_year,
        referrals.pupil_id,
        referrals.la_child_id,
        referrals.local_authority_code,

        referrals.furthest_stage,
        referrals.n_years_in_need,
        referrals.is_no_further_action,
        referrals.initial_conference_date,
        referrals.n_plans,
        referrals.first_plan_start_date,
        referrals.last_plan_end_date,
        referrals.closure_date,
        -- without a date of closure its reason alone tells that the case was closed
        referrals.is_open and (referrals.closure_date is not null or referrals.reason_for_closure_code is null) as is_open,

        referrals.primary_need_code,
        case when referrals.primary_need_code is not null then coalesce(primary_needs.label, 'unmapped') end as primary_need_label,
        referrals.reason_for_closure_code,
        case when referrals.reason_for_closure_code is not null then coalesce(closures.label, 'unmapped') end as reason_for_closure_label,
        case when referrals.reason_for_closure_code is not null then coalesce(closures.code_group, 'unmapped') end as reason_for_closure_group,
        referrals.referral_source_code,
        case when referrals.referral_source_code is not null then coalesce(referral_sources.label, 'unmapped') end as referral_source_label,
        referrals.assessment_factor_codes,

        {{ age_in_years('referrals.notional_birth_date', 'referrals.referral_date') }} as age_at_referral,
        case
            when coalesce(referrals.closure_date >= referrals.referral_date, true)
                then cast({{ dbt.datediff('referrals.referral_date', 'referrals.end_date', 'day') }} as integer)
        end as episode_days,
        case
            when referrals.referral_date is null or referrals.closure_date < referrals.referral_date then 'not_available'
            when referrals.is_open and coalesce(referrals.end_date < {{ childhood_end_date('referrals.notional_birth_date') }}, true) then 'lower_bound'
            else 'exact'
        end as episode_days_exactness,
        shapes.extract_shape
    from referrals
    left join shapes on referrals.last_return_year = shapes.return_year
    left join primary_needs on referrals.primary_need_code = primary_needs.code
    left join closures on referrals.reason_for_closure_code = closures.code
    left join referral_sources on referrals.referral_source_code = referral_sources.code

)

select * from final
