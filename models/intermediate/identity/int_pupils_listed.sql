{# One row per pupil id that any source table holds, with the tables that hold it.
   Grain: pupil_id.   Population: every pupil id on a well-formed row, filled in from the child's other rows where blank. #}

{% set npd_tables = ['pru_census', 'ap_census', 'absence', 'exclusions', 'ks2', 'ks4'] -%}
with

held as (

    select pupil_id, moj_uid, 'school_census' as source from {{ ref('stg_npd__school_census') }}
    {%- for table in npd_tables %}
    union all
    select pupil_id, null as moj_uid, '{{ table }}' as source from {{ ref('stg_npd__' ~ table) }}
    {%- endfor %}
    union all
    select pupil_id, moj_uid, 'cla' as source from {{ ref('int_cla_rows_identified') }}
    union all
    select pupil_id, moj_uid, 'cin' as source from {{ ref('int_cin_rows_identified') }}
    union all
    select pupil_id, moj_uid, 'links' as source from {{ ref('int_link_rows_marked') }}
    union all
    select pupil_id, moj_uid, 'pnc' as source from {{ ref('stg_pnc__offences') }}

),

final as (

    select
        pupil_id,
        max(case when source = 'school_census' then 1 else 0 end) = 1 as is_in_school_census,
        {% for table in npd_tables -%}
        max(case when source = '{{ table }}' then 1 else 0 end) = 1 as is_in_{{ table }},
        {% endfor -%}
        max(case when source = 'cla' then 1 else 0 end) = 1 as is_in_cla,
        max(case when source = 'cin' then 1 else 0 end) = 1 as is_in_cin,
        max(case when source = 'links' then 1 else 0 end) = 1 as is_in_links,
        max(case when moj_uid is not null then 1 else 0 end) = 1 as has_moj_uid
    from held
    where pupil_id is not null
    group by pupil_id

)

select * from final
