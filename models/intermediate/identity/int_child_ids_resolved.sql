{# One row per child id of a local authority and source: the pupil id that its rows agree on.
   Grain: source_table, la_child_id.   Population: rows of the CLA and CIN returns that carry a local child id.
   Rule: where all rows with a pupil id name the same one, it holds for the rows without; where they name two or more,
   nothing is filled in and the child is counted in quality_pupil_id_conflicts. #}

with

looked_after as (

    select la_child_id, pupil_id from {{ ref('stg_cla__episodes') }}

),

in_need as (

    select la_child_id, pupil_id from {{ ref('stg_cin__episodes') }}

),

children as (

    select 'cla.episodes' as source_table, la_child_id, pupil_id from looked_after
    union all
    select 'cin.episodes' as source_table, la_child_id, pupil_id from in_need

),

final as (

    select
        source_table,
        la_child_id,
        case when count(distinct pupil_id) = 1 then min(pupil_id) end as pupil_id,
        cast(count(distinct pupil_id) as bigint) as n_pupil_ids,
        cast(count(*) as bigint) as n_rows,
        cast(sum(case when pupil_id is null then 1 else 0 end) as bigint) as n_rows_without_pupil_id
    from children
    where la_child_id is not null
    group by source_table, la_child_id

)

select * from final
