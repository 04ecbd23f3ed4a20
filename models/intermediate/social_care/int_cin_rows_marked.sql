{# One row per delivered row of the children in need census, with what becomes of it.
   Grain: none, as delivered.   Rule: the first rule of the seed ledger_rules that applies, in the order below; a row to
   which none applies is `used`, or `unlinked` where no pupil id is known for the child. A referral of childhood counts in
   whatever year it is returned, for a later return may be the one that closes it. A referral date that cannot be is set to
   missing, and the contact counts for its return year. A plan that starts on the 18th birthday or after it is no plan
   of childhood: its dates and categories are set to missing. #}

{# A total order over every delivered value of a row of the children in need census #}
{%- set row_order %}
    referral_date nulls last, closure_date nulls last, plan_start_date nulls last, plan_end_date nulls last,
    initial_conference_date nulls last, la_child_id nulls last, local_authority_code nulls last,
    moj_uid nulls last, pupil_id nulls last, is_pupil_id_drawn_down nulls last,
    primary_need_code nulls last, reason_for_closure_code nulls last, referral_source_code nulls last,
    category_of_abuse_code nulls last, first_category_of_abuse_code nulls last,
    initial_category_of_abuse_code nulls last, latest_category_of_abuse_code nulls last,
    n_previous_plans nulls last, is_in_need_31_march nulls last, is_no_further_action nulls last,
    disability_codes nulls last, assessment_factor_codes nulls last,
    sex_code nulls last, ethnicity_code nulls last, birth_year nulls last, birth_month nulls last,
    age_at_start nulls last, age_at_end nulls last
{%- endset %}

with

identified as (

    select * from {{ ref('int_cin_rows_identified') }}

),

attributes as (

    select child_key, notional_birth_date from {{ ref('int_child_attributes_resolved') }}

),

files as (

    select source_file, return_year, has_every_episode from {{ ref('int_social_care_files') }} where source = 'cin' and is_mixed_year

),

children_in_fuller_files as (

    select distinct identified.child_key, identified.return_year
    from identified
    inner join files on identified.source_file = files.source_file and identified.return_year = files.return_year
    where files.has_every_episode

),

dated as (

    select
        identified.*,
        coalesce(not files.has_every_episode, false) and children_in_fuller_files.child_key is not null as is_in_fuller_file,
        attributes.notional_birth_date,
        {{ return_year_first_day('identified.return_year') }} as return_year_first_date,
        {{ return_year_last_day('identified.return_year') }} as return_year_last_date,
        {{ childhood_first_day('attributes.notional_birth_date') }} as childhood_first_date,
        {{ childhood_end_date('attributes.notional_birth_date') }} as childhood_end_date
    from identified
    left join attributes on identified.child_key = attributes.child_key
    left join files on identified.source_file = files.source_file and identified.return_year = files.return_year
    left join children_in_fuller_files
        on identified.child_key = children_in_fuller_files.child_key and identified.return_year = children_in_fuller_files.return_year

),

referred as (

    -- a referral before the child can have been known, or after the 31 March that ends the return, is a wrong date: the contact
    -- stays; so does a plan said to start after that 31 March
    select
        *,
        coalesce(referral_date > return_year_last_date or referral_date < childhood_first_date, false) as is_referral_date_impossible,
        coalesce(plan_start_date >= childhood_end_date and plan_start_date <= return_year_last_date, false) as is_plan_after_childhood
    from dated

),

numbered as (

    -- rows that are alike in every value share their rank; all but the first of them are duplicates
    select
        *,
        row_number() over (partition by child_key, return_year, is_in_fuller_file order by {{ row_order }}, source_file nulls last) as place,
        rank() over (partition by child_key, return_year, is_in_fuller_file order by {{ row_order }}) as rank_of_values
    from referred

),

screened as (

    select
        *,
        case
            when is_malformed_row then 'malformed_row'
            when return_year is null then 'no_return_year'
            when child_key is null then 'no_child_key'
            when is_in_fuller_file then 'in_fuller_file'
            when place > rank_of_values then 'exact_duplicate'
            when referral_date >= childhood_end_date and not is_referral_date_impossible then 'outside_childhood'
            when return_year_last_date < childhood_first_date then 'outside_childhood'
            when return_year_first_date >= childhood_end_date and (referral_date is null or is_referral_date_impossible) then 'outside_childhood'
            when notional_birth_date is null and age_at_start >= {{ var('childhood_end_age') }} then 'outside_childhood'
        end as screening_rule_id
    from numbered

),

final as (

    select
        source_file,
        case
            when screening_rule_id is not null then screening_rule_id
            when pupil_id is null then 'unlinked'
            else 'used'
        end as ledger_rule_id,
        screening_rule_id is null as is_valid_row,

        child_key,
        pupil_id,
        la_child_id,
        moj_uid,
        local_authority_code,
        return_year,

        primary_need_code,
        reason_for_closure_code,
        referral_source_code,
        {% for column in ['category_of_abuse_code', 'first_category_of_abuse_code', 'initial_category_of_abuse_code', 'latest_category_of_abuse_code'] -%}
        case when not is_plan_after_childhood then {{ column }} end as {{ column }},
        {% endfor -%}
        not is_plan_after_childhood and coalesce(
            category_of_abuse_code, first_category_of_abuse_code, initial_category_of_abuse_code, latest_category_of_abuse_code
        ) is not null as has_category_of_abuse,
        n_previous_plans,

        is_pupil_id_drawn_down,
        is_referral_date_impossible,
        is_plan_after_childhood,
        is_no_further_action,
        is_in_need_31_march
            and (childhood_end_date is null or return_year_last_date < childhood_end_date) as is_in_need_31_march_in_childhood,

        notional_birth_date,
        assessment_factor_codes,

        case when not is_referral_date_impossible then referral_date end as referral_date,
        closure_date,
        initial_conference_date,
        case when not is_plan_after_childhood then plan_start_date end as plan_start_date,
        case when not is_plan_after_childhood then plan_end_date end as plan_end_date,
        return_year_last_date,
        childhood_first_date,
        childhood_end_date,
        value_findings
    from screened

)

select * from final
