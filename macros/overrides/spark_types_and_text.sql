{#
    What dbt-spark leaves to the project. Types are named once, as DuckDB and most databases name them (varchar), in
    contracts and seeds; Spark calls that type string. Texts are written with a backslash before quotes and backslashes,
    because Spark reads '' as nothing up to version 4.0.
#}

{# The name of a type on Spark. Arguments: data_type, text. Returns: text. #}
{% macro spark_type(data_type) %}
    {{- return('string' if data_type | lower in ('varchar', 'text') else data_type) -}}
{% endmacro %}

{% macro spark__sql_literal(value) %}
    {{- return("'" ~ value.replace('\\', '\\\\').replace("'", "\\'") ~ "'") -}}
{% endmacro %}

{# The empty select that a contract is compared with: dbt's own, with the types by their names on Spark. #}
{% macro spark__get_empty_schema_sql(columns) %}
    {% set typed = {} %}
    {% for name, column in columns.items() %}
        {% do typed.update({name: dict(column, data_type=spark_type(column.data_type))}) %}
    {% endfor %}
    {{ return(dbt.default__get_empty_schema_sql(typed)) }}
{% endmacro %}

{#
    A seed, in one statement. dbt-spark writes a missing value as the text None and breaks at a quote; here each value is a
    literal, and a missing one is null. Arguments: model, the seed; agate_table, its rows.
#}
{% macro spark__create_csv_table(model, agate_table) %}
    {% set types = model.config.get('column_types', {}) %}
    {% set columns = [] %}
    {% for name in agate_table.column_names %}
        {% do columns.append(name ~ ' ' ~ spark_type(types[name])) %}
    {% endfor %}
    {% set sql = 'create table ' ~ this.render() ~ ' (' ~ columns | join(', ') ~ ') '
        ~ [file_format_clause(), tblproperties_clause(), location_clause(), comment_clause()] | join(' ') %}
    {% call statement('_') %}{{ sql }}{% endcall %}
    {{ return(sql) }}
{% endmacro %}

{% macro spark__load_csv_rows(model, agate_table) %}
    {% set types = model.config.get('column_types', {}) %}
    {% set rows = [] %}
    {% for row in agate_table.rows %}
        {% set values = [] %}
        {% for name in agate_table.column_names %}
            {% set value = row[name] %}
            {% do values.append('cast(' ~ ('null' if value is none else spark__sql_literal(value | string)) ~ ' as ' ~ spark_type(types[name]) ~ ')') %}
        {% endfor %}
        {% do rows.append('(' ~ values | join(', ') ~ ')') %}
    {% endfor %}
    {% set sql = 'insert into ' ~ this.render() ~ ' values\n' ~ rows | join(',\n') %}
    {% do adapter.add_query(sql, abridge_sql_log=true) %}
    {{ return(sql) }}
{% endmacro %}
