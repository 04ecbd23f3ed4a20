{# One row per source table, file, return year and rule: rows read, used, and dropped, merged or changed.
   Grain: source_table, source_file, return_year, rule_id.
   Rule: rows read = rows used + unlinked + dropped + merged, in every file and year; rows changed or noted are among those. #}

with

outcomes as (

    select * from {{ ref('int_row_outcomes') }}

),

rules as (

    select rule_id, effect, reason from {{ ref('ledger_rules') }}

),

-- counted apart from the rules, straight from staging, so that the two can be set against each other
rows_read as (

    {% for table in ledgered_tables() -%}
    {% set year = table.year or 'cast(null as integer)' -%}
    select
        '{{ table.source_table }}' as source_table, source_file, {{ year }} as return_year, 'read' as rule_id, count(*) as n_rows
    from {{ ref(table.staged) }}
    group by source_file{{ ', ' ~ year if table.year }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

rows_with_findings as (

    -- a row with several findings of one kind is one row changed
    {% for table in ledgered_tables() if table.finds -%}
    select '{{ table.source_table }}' as source_table, source_file, {{ table.year }} as return_year, value_findings
    from {{ ref(table.staged) }}
    where value_findings is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

values_changed as (

    {% for finding in ['unreadable', 'month_first', 'sentinel', 'recoded'] -%}
    select source_table, source_file, return_year, 'value_{{ finding }}' as rule_id, count(*) as n_rows
    from rows_with_findings
    where value_findings like '%{{ finding }}:%'
    group by source_table, source_file, return_year
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

{# The rules that change or note a row and leave it where it is: table, rule, and the flag of the marked model that tells. -#}
{% set flagged = [
    ('cla.episodes', 'pupil_id_drawn_down', 'is_pupil_id_drawn_down'),
    ('cla.episodes', 'end_cut_to_return_year', 'is_end_cut'),
    ('cla.episodes', 'start_from_period', 'is_start_from_period'),
    ('cla.episodes', 'end_from_period', 'is_end_from_period'),
    ('cla.episodes', 'joined_to_next', 'is_joined_to_next'),
    ('cin.episodes', 'pupil_id_drawn_down', 'is_pupil_id_drawn_down'),
    ('cin.episodes', 'impossible_referral_date', 'is_referral_date_impossible'),
    ('cin.episodes', 'plan_after_childhood', 'is_plan_after_childhood'),
    ('npd.school_census', 'year_of_file', 'is_year_of_file and academic_year_end is not null'),
    ('npd.absence', 'year_of_file', 'is_year_of_file and academic_year_end is not null'),
    ('npd.exclusions', 'year_of_file', 'is_year_of_file and academic_year_end is not null'),
    ('npd.exclusions', 'impossible_exclusion_date', 'is_start_date_impossible'),
    ('npd.exclusions', 'fixed_total_differs', 'is_fixed_total_different'),
    ('courts.magistrates', 'completed_before_hearing', 'is_completed_before_hearing'),
    ('courts.crown', 'completed_before_hearing', 'is_completed_before_hearing'),
] -%}
rows_flagged as (

    {% for source_table, rule_id, flag in flagged -%}
    {% set table = ledgered_tables() | selectattr('source_table', 'equalto', source_table) | first -%}
    {# a wide row of exclusions is many rows here: its stated total counts once -#}
    {% set n_rows = 'count(distinct pupil_id)' if rule_id == 'fixed_total_differs' else 'count(*)' -%}
    select '{{ source_table }}' as source_table, source_file, {{ table.year }} as return_year, '{{ rule_id }}' as rule_id, {{ n_rows }} as n_rows
    from {{ ref(table.marked) }}
    where {{ flag }}
    group by source_file, {{ table.year }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

counted as (

    select source_table, source_file, return_year, rule_id, n_rows from rows_read
    union all
    select source_table, source_file, return_year, ledger_rule_id as rule_id, n_rows from outcomes
    union all
    select source_table, source_file, return_year, rule_id, n_rows from values_changed
    union all
    select source_table, source_file, return_year, rule_id, n_rows from rows_flagged

),

final as (

    select
        counted.source_table,
        counted.source_file,
        counted.return_year,
        counted.rule_id,
        rules.effect,
        cast(counted.n_rows as bigint) as n_rows,
        rules.reason
    from counted
    left join rules on counted.rule_id = rules.rule_id

)

select * from final
