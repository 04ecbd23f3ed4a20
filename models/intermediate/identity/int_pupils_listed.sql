{# One row per pupil id that any source table holds, with the tables that hold it.
   Grain: pupil_id.   Population: every pupil id on a well-formed row, filled in from the child's other rows where blank. #}

{% set tables = {
    'school_census': 'stg_npd__school_census', 'pru_census': 'stg_npd__pru_census', 'ap_census': 'stg_npd__ap_census',
    'absence': 'stg_npd__absence', 'exclusions': 'stg_npd__exclusions', 'ks2': 'stg_npd__ks2', 'ks4': 'stg_npd__ks4',
    'cla': 'int_cla_rows_identified', 'cin': 'int_cin_rows_identified', 'links': 'int_link_rows_marked'
} -%}
{% set education_digits = 2 ** 7 - 1 -%}  {# the first seven #}
{% set moj_uid_digit = 2 ** tables | length -%}
{% set moj_uid_held = 'case when moj_uid is not null then ' ~ moj_uid_digit ~ ' else 0 end' -%}

with

-- a binary digit for each table and one for a justice id: one number per pupil is gathered in place of eleven flags
held as (

    {% for table, model in tables.items() -%}
    select pupil_id, {{ 2 ** loop.index0 }}{{ ' + ' ~ moj_uid_held if table in ['school_census', 'cla', 'cin', 'links'] }} as digits
    from {{ ref(model) }}
    where pupil_id is not null
    union all
    {% endfor -%}
    select pupil_id, {{ moj_uid_held }} as digits
    from {{ ref('stg_pnc__offences') }}
    where pupil_id is not null

),

per_pupil as (

    select pupil_id, bit_or(digits) as digits
    from held
    group by pupil_id

),

final as (

    select
        pupil_id,
        {% for table in tables -%}
        (digits & {{ 2 ** loop.index0 }}) > 0 as is_in_{{ table }},
        {% endfor -%}
        (digits & {{ education_digits }}) > 0 as is_in_education_data,
        (digits & {{ moj_uid_digit }}) > 0 as has_moj_uid
    from per_pupil

)

select * from final
