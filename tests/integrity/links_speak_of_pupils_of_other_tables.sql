-- A link file whose columns are swapped, or whose ids are written in another way, holds hardly a pupil of any other table.
{{ config(meta={'shows_rows': true}) }}

{% set others = ['school_census', 'pru_census', 'ap_census', 'absence', 'exclusions', 'ks2', 'ks4', 'cla', 'cin'] -%}
with

pupils as (

    select
        is_in_links,
        {% for table in others %}is_in_{{ table }}{{ ' or ' if not loop.last }}{% endfor %} as is_in_another
    from {{ ref('int_pupils_listed') }}

),

counted as (

    select
        sum(case when is_in_another then 1 else 0 end) as n_in_others,
        sum(case when is_in_links then 1 else 0 end) as n_linked,
        sum(case when is_in_links and is_in_another then 1 else 0 end) as n_linked_in_others
    from pupils

)

-- an extract of a few cohorts holds few of the pupils of a link file, but not next to none
select n_linked, n_linked_in_others
from counted
where n_in_others > 0 and n_linked >= {{ var('min_values_to_judge') }} and n_linked_in_others * 20 < n_linked
