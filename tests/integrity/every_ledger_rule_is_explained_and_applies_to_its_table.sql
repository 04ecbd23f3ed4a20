{# Entries of the ledger whose rule the seed does not have, has no effect for, or does not give for that table. #}
with

ledger as (

    select distinct source_table, rule_id, effect from {{ ref('quality_row_ledger') }}

),

rules as (

    select rule_id, applies_to, effect, reason from {{ ref('ledger_rules') }}

)

select ledger.source_table, ledger.rule_id
from ledger
left join rules on ledger.rule_id = rules.rule_id
where rules.rule_id is null
    or rules.effect is null
    or rules.reason is null
    or ledger.effect is distinct from rules.effect
    or ';' || rules.applies_to || ';' not like '%;' || ledger.source_table || ';%'
