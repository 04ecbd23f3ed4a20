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

    {% for finding in ['unreadable', 'sentinel', 'recoded'] -%}
    select source_table, source_file, return_year, 'value_{{ finding }}' as rule_id, count(*) as n_rows
    from rows_with_findings
    where value_findings like '%{{ finding }}:%'
    group by source_table, source_file, return_year
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

rows_changed as (

    select 'cla.episodes' as source_table, source_file, return_year, 'pupil_id_drawn_down' as rule_id, count(*) as n_rows
    from {{ ref('int_cla_rows_marked') }}
    where is_pupil_id_drawn_down
    group by source_file, return_year
    union all
    select 'cin.episodes' as source_table, source_file, return_year, 'pupil_id_drawn_down' as rule_id, count(*) as n_rows
    from {{ ref('int_cin_rows_marked') }}
    where is_pupil_id_drawn_down
    group by source_file, return_year
    union all
    {% for rule_id, changed in {
        'impossible_referral_date': 'is_referral_date_impossible', 'plan_after_childhood': 'is_plan_after_childhood'
    }.items() -%}
    select 'cin.episodes' as source_table, source_file, return_year, '{{ rule_id }}' as rule_id, count(*) as n_rows
    from {{ ref('int_cin_rows_marked') }}
    where {{ changed }}
    group by source_file, return_year
    union all
    {% endfor -%}
    select 'npd.exclusions' as source_table, source_file, academic_year_end as return_year, 'impossible_exclusion_date' as rule_id, count(*) as n_rows
    from {{ ref('int_exclusion_rows_marked') }}
    where is_start_date_impossible
    group by source_file, academic_year_end
    {%- for rule_id, changed in {
        'end_cut_to_return_year': 'is_end_cut', 'start_from_period': 'is_start_from_period',
        'end_from_period': 'is_end_from_period', 'joined_to_next': 'is_joined_to_next'
    }.items() %}
    union all
    select 'cla.episodes' as source_table, source_file, return_year, '{{ rule_id }}' as rule_id, count(*) as n_rows
    from {{ ref('int_cla_rows_marked') }}
    where {{ changed }}
    group by source_file, return_year
    {%- endfor %}
    {%- for source_table, model in {'npd.school_census': 'int_school_census_rows_marked', 'npd.absence': 'int_absence_rows_marked', 'npd.exclusions': 'int_exclusion_rows_marked'}.items() %}
    union all
    select '{{ source_table }}' as source_table, source_file, academic_year_end as return_year, 'year_of_file' as rule_id, count(*) as n_rows
    from {{ ref(model) }}
    where is_year_of_file and academic_year_end is not null
    group by source_file, academic_year_end
    {%- endfor %}

),

rows_noted as (

    -- a wide row is many rows here, and counts once
    select 'npd.exclusions' as source_table, source_file, academic_year_end as return_year, 'fixed_total_differs' as rule_id,
        count(distinct pupil_id) as n_rows
    from {{ ref('int_exclusion_rows_marked') }}
    where is_fixed_total_different
    group by source_file, academic_year_end
    {%- for source_table, model in {'courts.magistrates': 'int_magistrates_rows_marked', 'courts.crown': 'int_crown_rows_marked'}.items() %}
    union all
    select '{{ source_table }}' as source_table, source_file, record_year as return_year, 'completed_before_hearing' as rule_id, count(*) as n_rows
    from {{ ref(model) }}
    where is_completed_before_hearing
    group by source_file, record_year
    {%- endfor %}

),

counted as (

    select source_table, source_file, return_year, rule_id, n_rows from rows_read
    union all
    select source_table, source_file, return_year, ledger_rule_id as rule_id, n_rows from outcomes
    union all
    select source_table, source_file, return_year, rule_id, n_rows from values_changed
    union all
    select source_table, source_file, return_year, rule_id, n_rows from rows_changed
    union all
    select source_table, source_file, return_year, rule_id, n_rows from rows_noted

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
