{# One row per pupil, way of placing a pupil and area: the areas to which a pupil counts.
   Grain: area_basis, pupil_id, area_code.
   Population: pupils with an authority on that basis. Former and later authorities are mapped to areas that are the same
   in all years by the seed local_authority_areas, but for Christchurch, which is in Dorset (838) before April 2019 and in
   839 after; a code that the seed does not list is an area of its own.
   Rule: `school` and `home` place a pupil once, at the census nearest age 15; `responsible` places a child in each
   authority that returned it as looked after or in need, and the smallest of its codes counts it for the nation. #}

with

schooling as (

    select pupil_id, local_authority_code, home_local_authority_code from {{ ref('int_school_history_per_pupil') }}

),

looked_after as (

    select pupil_id, local_authority_code from {{ ref('int_cla_rows_marked') }} where ledger_rule_id = 'used'

),

in_need as (

    select pupil_id, local_authority_code from {{ ref('int_cin_rows_marked') }} where ledger_rule_id = 'used'

),

areas as (

    select code, area_code from {{ ref('local_authority_areas') }}

),

placed as (

    select 'school' as area_basis, pupil_id, local_authority_code from schooling
    union all
    select 'home' as area_basis, pupil_id, home_local_authority_code as local_authority_code from schooling
    union all
    select 'responsible' as area_basis, pupil_id, local_authority_code from looked_after
    union all
    select 'responsible' as area_basis, pupil_id, local_authority_code from in_need

),

mapped as (

    select distinct
        placed.area_basis,
        placed.pupil_id,
        coalesce(areas.area_code, placed.local_authority_code) as area_code
    from placed
    left join areas on placed.local_authority_code = areas.code
    where placed.local_authority_code is not null

),

counted_in as (

    select area_basis, pupil_id, min(area_code) as area_code
    from mapped
    group by area_basis, pupil_id

),

final as (

    select
        mapped.area_basis,
        mapped.pupil_id,
        mapped.area_code,
        mapped.area_code = counted_in.area_code as is_counted_nationally
    from mapped
    inner join counted_in on mapped.area_basis = counted_in.area_basis and mapped.pupil_id = counted_in.pupil_id

)

select * from final
