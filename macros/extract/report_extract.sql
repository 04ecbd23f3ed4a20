{#
    The lines at the end of a build: what was read, what was not supplied, what was set aside, and what each failed test
    asks for. Counts only; no value of a row. Arguments: results, of dbt's on-run-end context.
#}
{% macro report_extract(results) %}
    {# named here, outside every condition, so that dbt knows what the hook reads #}
    {% set files, ledger, return_years = ref('quality_extract_files'), ref('quality_row_ledger'), ref('quality_extract_shape') %}
    {% set codes, values = ref('quality_code_findings'), ref('quality_value_findings') %}
    {% if execute and flags.WHICH in ('build', 'run', 'test') %}
        {% set lines = [] %}
        {% set made = results | selectattr('status', 'equalto', 'success') | map(attribute='node.name') | list %}
        {# of one run, all five or none: what an earlier run left may be of another extract #}
        {% if [files, ledger, return_years, codes, values] | map(attribute='identifier') | reject('in', made) | list == [] %}
            {% do report_files(lines, files) %}
            {% do report_rows(lines, return_years, ledger) %}
            {% do report_findings(lines, codes, values) %}
        {% endif %}
        {% for result in results if result.status in ('fail', 'warn') and result.node.resource_type in ('test', 'unit_test') %}
            {% do report_test(lines, result) %}
        {% endfor %}
        {% for line in lines %}{% do log(line, info=true) %}{% endfor %}
    {% endif %}
{% endmacro %}

{# Files read, tables not supplied, files that no table knows. Arguments: lines, the list to add to; files, a relation. #}
{% macro report_files(lines, files) %}
    {% set found = run_query('select source_table, source_file, file_status, n_rows from ' ~ files ~ ' order by source_table nulls last, source_file nulls last') %}
    {% set tables = {} %}
    {% set absent = [] %}
    {% set unknown = [] %}
    {% for source_table, source_file, file_status, n_rows in found.rows %}
        {% if file_status == 'read' %}
            {% do tables.setdefault(source_table, []).append(n_rows | int) %}
        {% elif file_status == 'not_supplied' %}
            {% do absent.append(source_table) %}
        {% else %}
            {% do unknown.append(source_file) %}
        {% endif %}
    {% endfor %}
    {% do lines.append('') %}
    {% do lines.append('The extract in ' ~ (loaded_schema() or extract_dir()) ~ ':') %}
    {% for source_table, rows in tables.items() %}
        {% do lines.append('  ' ~ source_table ~ ': ' ~ "{:,}".format(rows | sum) ~ ' rows in ' ~ rows | length ~ ' file' ~ ('s.' if rows | length > 1 else '.')) %}
    {% endfor %}
    {% for source_table in absent %}
        {% do lines.append('  ' ~ source_table ~ ': not supplied; the columns that need it are NULL.') %}
    {% endfor %}
    {% if unknown %}
        {% do lines.append('  Not read, because no table knows the name: ' ~ unknown | length ~ ' file' ~ ('s, ' if unknown | length > 1 else ', ')
            ~ unknown[:3] | join(', ') ~ (' and others' if unknown | length > 3 else '') ~ ' (quality.quality_extract_files).') %}
    {% endif %}
{% endmacro %}

{# Shape of CLA and CIN, and the ledger in one line a table. Arguments: lines, the list to add to; return_years and ledger, relations. #}
{% macro report_rows(lines, return_years, ledger) %}
    {% set shapes = run_query("select source, extract_shape, min(return_year), max(return_year), count(*) from "
        ~ return_years ~ " group by source, extract_shape order by source nulls last, min(return_year) nulls last") %}
    {% for source, extract_shape, first_year, last_year, n_years in shapes.rows %}
        {% do lines.append('  ' ~ source ~ ': ' ~ extract_shape | replace('_', ' ') ~ ' in ' ~ n_years ~ ' return years from ' ~ first_year ~ ' to ' ~ last_year ~ '.') %}
    {% endfor %}
    {% for row in shapes.rows | groupby(0) if row.list | length > 1 %}
        {% do lines.append('  ' ~ row.grouper ~ ': mixed. Each year is used as what it is; durations and counts are stamped (quality.quality_extract_shape).') %}
    {% endfor %}
    {% set mixed = run_query("select source, count(*), sum(n_rows_in_fuller_files) from " ~ return_years ~ " where is_mixed_year group by source order by source nulls last") %}
    {% for source, n_years, n_rows in mixed.rows %}
        {% do lines.append('  ' ~ source ~ ': ' ~ n_years ~ ' return years were delivered in full and as last episodes; the fuller rows were used and '
            ~ "{:,}".format(n_rows | int) ~ ' set aside (in_fuller_file).') %}
    {% endfor %}
    {% set effects = run_query("select source_table, effect, sum(n_rows) from " ~ ledger
        ~ " where effect in ('used', 'unlinked', 'merged', 'dropped') group by source_table, effect order by source_table nulls last, effect desc nulls last") %}
    {% set per_table = {} %}
    {% for source_table, effect, n_rows in effects.rows %}
        {% do per_table.setdefault(source_table, []).append("{:,}".format(n_rows | int) ~ ' ' ~ effect) %}
    {% endfor %}
    {% for source_table, counts in per_table.items() %}
        {% do lines.append('  ' ~ source_table ~ ': rows ' ~ counts | join(', ') ~ ' (reasons in quality.quality_row_ledger).') %}
    {% endfor %}
{% endmacro %}

{# Values that were not taken as delivered. Arguments: lines, the list to add to; codes and values, relations. #}
{% macro report_findings(lines, codes, values) %}
    {% set code_findings = run_query("select finding, count(distinct column_name || code), sum(n_rows) from " ~ codes ~ " group by finding order by finding nulls last") %}
    {% for finding, n_codes, n_rows in code_findings.rows %}
        {% do lines.append('  Codes ' ~ finding | replace('_', ' ') ~ ': ' ~ n_codes ~ ', in ' ~ "{:,}".format(n_rows | int) ~ ' rows (quality.quality_code_findings).') %}
    {% endfor %}
    {% set value_findings = run_query("select finding, sum(n_values) from " ~ values ~ " group by finding order by finding nulls last") %}
    {% for finding, n_values in value_findings.rows %}
        {% do lines.append('  Values ' ~ finding ~ ': ' ~ "{:,}".format(n_values | int) ~ ' (quality.quality_value_findings).') %}
    {% endfor %}
{% endmacro %}

{#
    One failed test: what it means and what to do, from its description, or for a column of a seed from its name; and its
    rows, where the test says with `shows_rows` in its meta that they hold counts per file and nothing of a person.
    Arguments: lines, the list to add to; result, of one test.
#}
{% macro report_test(lines, result) %}
    {% set description = (result.node.description or '') | trim | replace('\n', ' ') %}
    {% set tested = (result.node.attached_node or '') if result.node.resource_type == 'test' else '' %}
    {% if not description and tested.startswith('seed.') %}
        {% set description = 'A row of the seed ' ~ tested.split('.')[-1] ~ ' breaks a rule'
            ~ (' of its column ' ~ result.node.column_name if result.node.column_name else '') ~ ': correct its CSV file, or take back the change.' %}
    {% endif %}
    {% do lines.append(result.status ~ ': ' ~ result.node.name ~ '. ' ~ description) %}
    {% if result.node.config.meta.get('shows_rows') %}
        {% set found = run_query(result.node.compiled_code) %}
        {% for row in found.rows %}
            {% set parts = [] %}
            {% for name in found.column_names %}{% do parts.append(name ~ ' ' ~ row[loop.index0]) %}{% endfor %}
            {% do lines.append('    ' ~ parts | join(', ')) %}
        {% endfor %}
    {% endif %}
{% endmacro %}
