{# One row per delivered row of the looked-after return, with the child it belongs to.
   Grain: none, as delivered.   Rule: the pupil id is the row's own, else the one its local child id has elsewhere. #}

{# a view: the rows are stored once, in staging #}
{{ config(materialized='view') }}

with

delivered as (

    select * from {{ ref('stg_cla__episodes') }}

),

children as (

    select la_child_id, pupil_id
    from {{ ref('int_child_ids_resolved') }}
    where source_table = 'cla.episodes'

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
        delivered.category_of_need_code,
        delivered.legal_status_code,
        delivered.placement_code,
        delivered.reason_ceased_code,
        delivered.reason_new_episode_code,
        delivered.reason_place_change_code,
        delivered.sex_code,
        delivered.ethnicity_code,
        delivered.birth_year,
        delivered.birth_month,
        delivered.period_of_care_days,
        delivered.is_unaccompanied_asylum_seeker,
        delivered.is_looked_after_31_march,
        delivered.is_looked_after_6_months,
        delivered.is_looked_after_12_months,
        delivered.is_pupil_premium_6_months,
        delivered.is_pupil_premium_1_day,
        delivered.period_of_care_start_date,
        delivered.episode_start_date,
        delivered.episode_end_date,
        delivered.value_findings
    from delivered
    left join children on delivered.la_child_id = children.la_child_id

)

select * from final
