{# A spell that starts before the child's spell before it is over for more than var max_gap_days. #}
with

spells as (

    select
        child_key,
        spell_start_date,
        lag(spell_end_date) over (partition by child_key order by spell_start_date nulls last) as previous_end_date
    from {{ ref('int_care_spells') }}

)

select child_key, spell_start_date, previous_end_date
from spells
where {{ dbt.datediff('previous_end_date', 'spell_start_date', 'day') }} <= {{ var('max_gap_days') }}
