{# What each engine must be able to do with what was delivered. Only these macros know how a file is read. #}

{#
    The names of the files in the extract's folder.
    Arguments: folder, path as text. Returns: {files: [names], problem: sentence or none}.
#}
{% macro list_extract_folder(folder) %}
    {{ return(adapter.dispatch('list_extract_folder')(folder)) }}
{% endmacro %}

{% macro duckdb__list_extract_folder(folder) %}
    {{ return(fromjson(run_query("select list_extract_folder(" ~ sql_text(folder) ~ ")").rows[0][0])) }}
{% endmacro %}


{#
    The names of the tables in a schema of the warehouse.
    Arguments: schema, text, with its database before a dot where it is another. Returns: list of names.
#}
{% macro list_loaded_tables(schema) %}
    {{ return(adapter.dispatch('list_loaded_tables')(schema)) }}
{% endmacro %}

{% macro duckdb__list_loaded_tables(schema) %}
    {% set found = run_query(
        "select table_name from information_schema.tables where lower(table_schema) = " ~ sql_text(schema.split('.')[-1] | lower)
        ~ (" and lower(table_catalog) = " ~ sql_text(schema.split('.')[0] | lower) if '.' in schema else '') ~ " order by table_name"
    ) %}
    {{ return(found.columns[0].values() | list) }}
{% endmacro %}


{#
    How one file is written, or a loaded table is shaped.
    A loaded table without rows is a problem, as a file without rows is: it would count as supplied.
    Arguments: item, of list_delivered(). Returns: see inspect_extract_file in extract_files.py.
#}
{% macro inspect_delivered(item) %}
    {% set found = adapter.dispatch('inspect_delivered')(item) %}
    {% if 'relation' in item and not run_query('select 1 as n from ' ~ item.relation ~ ' limit 1').rows | length %}
        {% do found.update({'problem': 'it holds no rows: load it again, or drop it, so that it counts as not supplied'}) %}
    {% endif %}
    {{ return(found) }}
{% endmacro %}

{% macro duckdb__inspect_delivered(item) %}
    {% if 'relation' in item %}
        {% set types = {} %}
        {% for row in run_query('describe ' ~ item.relation).rows %}{% do types.update({row[0]: row[1]}) %}{% endfor %}
        {{ return({'kind': 'loaded', 'columns': types.keys() | list, 'types': types, 'problem': none}) }}
    {% endif %}
    {{ return(fromjson(run_query("select inspect_extract_file(" ~ sql_text(item.path) ~ ", " ~ (cache_dir() != '') | lower ~ ")").rows[0][0])) }}
{% endmacro %}


{#
    A select of the declared columns of one file or loaded table: source_file, is_malformed_row, then every declared
    column as text, NULL where the file does not have it.

    Text is read line by line and split at the delimiter, so that a line with another number of fields than the header
    is kept and counted, and quotes, NUL bytes, no-break spaces and blank lines do no harm. A line ends at LF, CR or both, in one file
    too. A header that comes again further down is a malformed line too, and no pupil.

    Arguments: item, of list_delivered(); found, of inspect_delivered(); columns, of declared_tables(); matched, of
    match_columns(). Returns: SQL text.
#}
{% macro select_delivered(item, found, columns, matched) %}
    {% set selected = [sql_text(item.name) ~ ' as source_file'] %}
    {% do selected.append(('fields is null' if found.kind == 'text' else 'false') ~ ' as is_malformed_row') %}
    {% for column in columns %}
        {% set values = [] %}
        {% for name in matched.get(column.name, []) %}
            {% if found.kind == 'text' %}
                {% do values.append(field_at(found.columns.index(name))) %}
            {% else %}
                {% do values.append(typed_as_text(adapter.quote(name), found.get('types', {}).get(name))) %}
            {% endif %}
        {% endfor %}
        {% if not values %}
            {% set value = 'cast(null as ' ~ dbt.type_string() ~ ')' %}
        {% elif values | length == 1 %}
            {% set value = values[0] %}
        {% else %}
            {% set value = "coalesce(nullif(trim(" ~ values | join("), ''), nullif(trim(") ~ "), ''))" %}
        {% endif %}
        {% do selected.append(value ~ ' as ' ~ column.name) %}
    {% endfor %}

    {% if found.kind == 'parquet' %}
        {% set origin = parquet_rows(item.path) %}
    {% elif found.kind == 'loaded' %}
        {% set origin = item.relation %}
    {% else %}
        {% set origin = split_lines(item.path, found) %}
    {% endif %}
    {{ return('select ' ~ selected | join(', ') ~ '\nfrom ' ~ origin) }}
{% endmacro %}


{# One field of a split line. Arguments: position, integer from 0. Returns: SQL of a text. #}
{% macro field_at(position) %}
    {{ return(adapter.dispatch('field_at')(position)) }}
{% endmacro %}

{% macro duckdb__field_at(position) %}
    {{ return('fields[' ~ (position + 1) ~ ']') }}
{% endmacro %}


{#
    A typed column of a Parquet file or a loaded table as text, by each engine alike: a whole number is written with all its digits
    and without a decimal's zeros (330.00), a floating-point "not a number" is a blank, and a moment by the clock of England, whatever the machine's zone. Before 1900 it is told in UTC: London's clock was a minute
    behind before 1847, and the day that stands for unknown, 1 January 1800, would be another.
    Arguments: column, SQL of a column; type, its type where inspect_delivered() tells it. Returns: SQL of a text.
#}
{% macro typed_as_text(column, type) %}
    {{ return(adapter.dispatch('typed_as_text')(column, type)) }}
{% endmacro %}

{% macro default__typed_as_text(column, type) %}
    {% set value = 'cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ ')' %}
    {{ return("regexp_replace(" ~ value ~ ", '[.]0+$', '')" if (type or '').lower().startswith('decimal') else value) }}
{% endmacro %}

{% macro duckdb__typed_as_text(column, type) %}
    {% if type in ('DOUBLE', 'FLOAT') %}
        {% set column = 'case when not isnan(' ~ column ~ ') then ' ~ column ~ ' end' %}
    {% elif type == 'TIMESTAMP WITH TIME ZONE' %}
        {% set column = "timezone(case when " ~ column ~ " < timestamptz '1900-01-01 00:00:00+00' then 'UTC' else 'Europe/London' end, " ~ column ~ ")" %}
    {% endif %}
    {{ return(default__typed_as_text(column, type)) }}
{% endmacro %}


{# The rows of a Parquet file. Arguments: path, text. Returns: SQL that can stand after `from`. #}
{% macro parquet_rows(path) %}
    {{ return(adapter.dispatch('parquet_rows')(path)) }}
{% endmacro %}

{% macro duckdb__parquet_rows(path) %}
    {{ return('read_parquet(' ~ one_path(path) ~ ', hive_partitioning = false)') }}
{% endmacro %}


{#
    The path of one file for DuckDB, to which [, * and ? stand for other files too, and a folder year=2012 for a column.
    Arguments: path, text. Returns: SQL of a text.
#}
{% macro one_path(path) %}
    {{ return(sql_text(modules.re.sub('([\\[*?])', '[\\1]', path))) }}
{% endmacro %}


{#
    The lines of a text file without its header, as a column `fields`: a list of texts, NULL for a malformed line.
    Arguments: path, text; found, of inspect_delivered(). Returns: SQL that can stand after `from`.
#}
{% macro split_lines(path, found) %}
    {{ return(adapter.dispatch('split_lines')(path, found)) }}
{% endmacro %}

{# With new_line = '\n' DuckDB ends a line at LF, CR and CRLF alike; left to itself it goes by the file's first line alone. #}
{% macro duckdb__split_lines(path, found) %}
    {% set line = line_without_odd_bytes('line', found) %}
    {% if found.is_quoted %}
        {% set fields = "list_transform(regexp_extract_all(" ~ line ~ " || " ~ sql_text(found.delimiter) ~ ", " ~ sql_text(quoted_field(found.delimiter))
            ~ ", 1), lambda x: case when x like '\"%\"' then replace(x[2:-2], '\"\"', '\"') else x end)" %}
    {% else %}
        {% set fields = "string_split(" ~ line ~ ", " ~ sql_text(found.delimiter) ~ ")" %}
    {% endif %}
    {{ return(
        "(select case when len(split_fields) = " ~ found.columns | length ~ " and not is_header then split_fields end as fields from (select "
        ~ fields ~ " as split_fields, " ~ line ~ " = " ~ sql_text(found.header) ~ " as is_header from read_csv(" ~ one_path(path)
        ~ ", hive_partitioning = false, auto_detect = false, header = false, skip = 1, delim = chr(1) || chr(2) || chr(3), quote = '', escape = '', strict_mode = false, new_line = '\\n', encoding = "
        ~ sql_text(found.encoding) ~ ", columns = {'line': 'VARCHAR'}) where trim(" ~ line ~ ") <> ''))"
    ) }}
{% endmacro %}


{#
    A line without NUL bytes and with plain spaces for no-break ones (U+00A0), which DuckDB trims and Spark does not, and which would
    make a number unreadable. A file that has neither is read as it is. Arguments: line, SQL of a text; found, of
    inspect_delivered(). Returns: SQL of a text.
#}
{% macro line_without_odd_bytes(line, found) %}
    {% set line = "replace(" ~ line ~ ", chr(0), '')" if found.has_nul else line %}
    {{ return("replace(" ~ line ~ ", chr(160), ' ')" if found.has_nbsp else line) }}
{% endmacro %}


{#
    The pattern of one field where values may stand in double quotes: text in quotes, doubled inside, or text without a
    delimiter; then the delimiter. Arguments: delimiter, one character. Returns: regular expression with one group.
#}
{% macro quoted_field(delimiter) %}
    {{ return('("[^"]*(?:""[^"]*)*"|[^' ~ delimiter ~ ']*)' ~ delimiter) }}
{% endmacro %}


{#
    The select of a text file, or of its columnar copy where copies are kept (MOJ_DFE_CACHE). A copy is made when it is first
    wanted, and is known by what the file holds and by the select, so that a changed file and a changed spelling get another. It has
    its name when it is whole: one that is cut off is no copy.
    Arguments: item, of list_delivered(); found, of inspect_delivered(); query, of select_delivered(). Returns: SQL text.
#}
{% macro select_from_cache(item, found, query) %}
    {{ return(adapter.dispatch('select_from_cache')(item, found, query)) }}
{% endmacro %}

{% macro default__select_from_cache(item, found, query) %}
    {{ return(query) }}
{% endmacro %}

{% macro duckdb__select_from_cache(item, found, query) %}
    {% if not found.get('digest') %}
        {{ return(query) }}
    {% endif %}
    {% set copy = cache_dir() ~ '/' ~ item.name ~ '.' ~ local_md5(found.digest ~ query.replace(item.path, '')) ~ '.parquet' %}
    {% if run_query("select prepare_copy(" ~ sql_text(copy) ~ ")").rows[0][0] %}
        {% do run_query("copy (" ~ query ~ ") to " ~ sql_text(copy) ~ " (format parquet, compression zstd, use_tmp_file true)") %}
    {% endif %}
    {{ return('select * from ' ~ parquet_rows(copy)) }}
{% endmacro %}


{# Folder of the columnar copies of text files, from MOJ_DFE_CACHE; empty where none are kept. Returns: path as text. #}
{% macro cache_dir() %}
    {{- return(env_var('MOJ_DFE_CACHE', '')) -}}
{% endmacro %}


{#
    Make the view of one source table.
    Arguments: relation, its name; parts, list of SQL texts, one for each file.
#}
{% macro create_raw_view(relation, parts) %}
    {{ return(adapter.dispatch('create_raw_view')(relation, parts)) }}
{% endmacro %}

{% macro default__create_raw_view(relation, parts) %}
    {% do run_query('create or replace view ' ~ relation ~ ' as\n' ~ parts | join('\nunion all\n')) %}
{% endmacro %}
