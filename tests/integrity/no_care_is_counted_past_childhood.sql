{# Spells that reach past the birthday that ends childhood, or start more than the months allowed before birth. #}
with

spells as (

    select child_key, spell_start_date, spell_end_date from {{ ref('int_care_spells') }}

),

births as (

    select child_key, notional_birth_date from {{ ref('int_child_attributes_resolved') }}

)

select spells.child_key, spells.spell_start_date, spells.spell_end_date, births.notional_birth_date
from spells
inner join births on spells.child_key = births.child_key
where spells.spell_end_date > {{ childhood_end_date('births.notional_birth_date') }}
    or spells.spell_start_date < {{ childhood_first_day('births.notional_birth_date') }}
