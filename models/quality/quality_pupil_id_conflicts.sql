{# One row per source table and authority in which local child ids carry more than one pupil id.
   Grain: source_table, local_authority_code.   Rule: such ids are left as delivered; no pupil id is filled in on their rows. #}

with

children as (

    select * from {{ ref('int_child_ids_resolved') }}

),

final as (

    select
        source_table,
        split_part(la_child_id, '-', 1) as local_authority_code,
        cast(count(*) as bigint) as n_child_ids,
        cast(sum(case when n_pupil_ids = 0 then 1 else 0 end) as bigint) as n_child_ids_without_pupil_id,
        cast(sum(case when n_pupil_ids > 1 then 1 else 0 end) as bigint) as n_child_ids_in_conflict,
        cast(sum(case when n_pupil_ids > 1 then n_rows_without_pupil_id else 0 end) as bigint) as n_rows_not_filled_in
    from children
    group by source_table, split_part(la_child_id, '-', 1)

)

select * from final
