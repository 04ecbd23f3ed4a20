{# One row per delivered row of the children in need census, with the child it belongs to.
   Grain: none, as delivered.   Rule: the pupil id is the row's own, else the one its local child id has elsewhere. #}

{# a view: the rows are stored once, in staging #}
{{ config(materialized='view') }}

with

delivered as (

    select * from {{ ref('stg_cin__episodes') }}

),

children as (

    select la_child_id, pupil_id
    from {{ ref('int_child_ids_resolved') }}
    where source_table = 'cin.episodes'

),

final as (

    select
        delivered.source_file,
        delivered.is_malformed_row,
        delivered.moj_uid,
        coalesce(delivered.pupil_id, children.pupil_id) as pupil_id,
        delivered.la_child_id,
        coalesce(delivered.pupil_id, children.pupil_id, delivered.la_child_id) as child_key,
        delivered.pupil_id is null and children.pupil_id is not null as is_pupil_id_drawn_down,
        delivered.local_authority_code,
        delivered.return_year,
        delivered.primary_need_code,
        delivered.reason_for_closure_code,
        delivered.referral_source_code,
        delivered.category_of_abuse_code,
        delivered.first_category_of_abuse_code,
        delivered.initial_category_of_abuse_code,
        delivered.latest_category_of_abuse_code,
        delivered.disability_codes,
        delivered.assessment_factor_codes,
        delivered.sex_code,
        delivered.ethnicity_code,
        delivered.birth_year,
        delivered.birth_month,
        delivered.age_at_start,
        delivered.age_at_end,
        delivered.n_previous_plans,
        delivered.is_in_need_31_march,
        delivered.is_no_further_action,
        delivered.referral_date,
        delivered.closure_date,
        delivered.initial_conference_date,
        delivered.plan_start_date,
        delivered.plan_end_date,
        delivered.value_findings
    from delivered
    left join children on delivered.la_child_id = children.la_child_id

)

select * from final
