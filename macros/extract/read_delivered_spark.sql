{#
    How Apache Spark reads what was delivered: the same rows as DuckDB reads, found by SQL alone, so that it works on one
    machine and on a cluster whose files no other program sees (docs/spark.md). A folder that is not there, a damaged archive
    and a damaged Parquet file stop the run with Spark's own words, which name the file.
#}

{% macro spark__list_extract_folder(folder) %}
    {# without the column `content`, the format binaryFile lists a folder and opens nothing #}
    {% set found = run_query('select path from binaryFile.' ~ adapter.quote(folder)) %}
    {% set names = [] %}
    {% for path in found.columns[0].values() %}
        {% do names.append(path.split('/')[-1]) %}
    {% endfor %}
    {% do names.extend(spark_empty_files(folder, names) if names else []) %}
    {{ return({'files': names | sort, 'problem': none}) }}
{% endmacro %}

{#
    The names of files of no bytes, which Spark lists nowhere; but the plan of a read names what a path with a star stands
    for. Arguments: folder, path as text; listed, names of the files that have bytes. Returns: list of names.
#}
{% macro spark_empty_files(folder, listed) %}
    {% do run_query('set spark.sql.maxMetadataStringLength = 1000000') %}
    {% set plan = run_query('explain select path from binaryFile.' ~ adapter.quote(folder ~ '/*')).rows[0][0] %}
    {% set empty = [] %}
    {% for location in modules.re.findall('Location: [^\\[]*\\[(.*?)\\], PartitionFilters', plan) %}
        {% for path in location.split(', ') %}
            {% set name = path.split('/')[-1] %}
            {# the star also finds folders, and those are not read #}
            {% if name not in listed and modules.re.search('(?i)[.](txt|csv|gz|parquet)$', name)
                and not run_query('select path from binaryFile.' ~ adapter.quote(folder ~ '/' ~ name) ~ ' limit 1').rows %}
                {% do empty.append(name) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {{ return(empty) }}
{% endmacro %}


{% macro spark__list_loaded_tables(schema) %}
    {{ return(run_query('show tables in ' ~ schema).columns['tableName'].values() | list) }}
{% endmacro %}


{% macro spark__inspect_delivered(item) %}
    {% set origin = item.relation if 'relation' in item else 'parquet.' ~ adapter.quote(item.path) %}
    {% if 'relation' not in item and not item.name.lower().endswith('.parquet') %}
        {{ return(spark_inspect_text(item.path)) }}
    {% endif %}
    {% if 'relation' not in item and not run_query('select path from binaryFile.' ~ adapter.quote(item.path)).rows %}
        {{ return({'problem': 'the file is not readable as Parquet: copy it again, or ask for it to be sent again'}) }}
    {% endif %}
    {% set types = {} %}
    {% for row in run_query('describe query select * from ' ~ origin).rows %}{% do types.update({row[0]: row[1]}) %}{% endfor %}
    {% set found = {'columns': types.keys() | list, 'types': types, 'problem': none} %}
    {% if 'relation' in item %}
        {% do found.update({'kind': 'loaded'}) %}
    {% else %}
        {% set facts = run_query(
            "select count(*), max(_metadata.file_size), date_format(max(_metadata.file_modification_time), 'yyyy-MM-dd HH:mm:ss') from " ~ origin
        ).rows[0] %}
        {% do found.update({
            'kind': 'parquet', 'bytes': facts[1] | int, 'modified': facts[2], 'problem': none if facts[0] else spark_no_rows()
        }) %}
    {% endif %}
    {{ return(found) }}
{% endmacro %}


{#
    How one text file is written, from one pass over its lines: see inspect_extract_file in extract_files.py, which does the
    same for DuckDB. Where that judges the delimiter by the first rows, all rows are judged here, as they come in no order.
    `n_headers` says how often the header line occurs. Arguments: path, text. Returns: dictionary.
#}
{% macro spark_inspect_text(path) %}
    {% set facts = run_query(
        "with\n\n"
        ~ "delivered as (\n    select value, _metadata.file_size as n_bytes, _metadata.file_modification_time as modified from text." ~ adapter.quote(path) ~ "\n),\n\n"
        ~ "first_line as (\n    select value as header, case when instr(value, '\t') > 0 then '\t' else ',' end as mark from text." ~ adapter.quote(path)
        ~ " where _metadata.file_block_start = 0 limit 1\n),\n\n"
        ~ "lines as (\n    select *, value = header as is_header, trim(replace(value, '\t', '')) <> '' as is_row,\n"
        ~ "        case when not is_valid_utf8(value) or length(value) <> octet_length(value) then decode(cast(value as binary), 'ISO-8859-1') end as beyond_ascii\n"
        ~ "    from delivered cross join first_line\n)\n\n"
        ~ "select\n"
        ~ "    max(case when is_header then decode(cast(header as binary), 'ISO-8859-1') end) as header_latin_1,\n"
        ~ "    max(case when is_header then header end) as header_utf_8,\n"
        ~ "    min(is_valid_utf8(value)) as is_utf_8,\n"
        ~ "    max(instr(value, '\"') > 0) as has_quote,\n"
        ~ "    max(instr(value, chr(0)) > 0) as has_nul,\n"
        ~ "    coalesce(max(instr(beyond_ascii, chr(160)) > 0), false) as has_nbsp,\n"
        ~ "    coalesce(max(beyond_ascii rlike concat('[', chr(128), '-', chr(159), ']')), false) as has_c1,\n"
        ~ "    sum(case when is_header then 1 else 0 end) as n_headers,\n"
        ~ "    sum(case when is_row and not is_header then 1 else 0 end) as n_rows,\n"
        ~ "    sum(case when is_row and size(split(value, mark)) <> size(split(header, mark)) then 1 else 0 end) as n_misfits,\n"
        ~ "    sum(case when is_row and mark = ',' and " ~ spark_count_quoted('value', ',') ~ " <> " ~ spark_count_quoted('header', ',') ~ " then 1\n"
        ~ "        when is_row and mark = '\t' and header like '\"%' and " ~ spark_count_quoted('value', '\t') ~ " <> " ~ spark_count_quoted('header', '\t') ~ " then 1\n"
        ~ "        else 0 end) as n_quoted_misfits,\n"
        ~ "    max(n_bytes) as n_bytes,\n"
        ~ "    date_format(max(modified), 'yyyy-MM-dd HH:mm:ss') as modified\n"
        ~ "from lines"
    ).rows[0] %}
    {% set header = (facts['header_utf_8'] if facts['is_utf_8'] else facts['header_latin_1']) or '' %}
    {% set header = header.replace('\0', '').replace('\ufeff', '').replace('\xa0', ' ') %}
    {% set delimiter = '\t' if '\t' in header else ',' %}
    {% set is_quoted = header.startswith('"') or (delimiter == ',' and facts['has_quote']) %}
    {% set columns = [] %}
    {% if is_quoted %}
        {% for field in modules.re.findall(quoted_field(delimiter), header ~ delimiter) %}
            {% do columns.append((field[1:-1].replace('""', '"') if field.startswith('"') and field.endswith('"') else field) | trim) %}
        {% endfor %}
    {% else %}
        {% for field in header.split(delimiter) %}{% do columns.append(field | trim) %}{% endfor %}
    {% endif %}
    {% set n_misfits = (facts['n_quoted_misfits'] if is_quoted else facts['n_misfits']) | default(0, true) %}
    {% set found = {
        'kind': 'text', 'header': header, 'columns': columns, 'encoding': 'utf-8' if facts['is_utf_8'] else 'latin-1', 'delimiter': delimiter,
        'is_quoted': is_quoted, 'has_nul': facts['has_nul'], 'has_nbsp': facts['has_nbsp'], 'n_headers': facts['n_headers'] | int, 'bytes': facts['n_bytes'] | int,
        'modified': facts['modified'], 'problem': none,
    } %}
    {% if not header | trim %}
        {% do found.update({'problem': 'the first line is empty: the file must begin with a line of column names'}) %}
    {% elif not facts['n_rows'] %}
        {% do found.update({'problem': spark_no_rows()}) %}
    {% elif facts['has_c1'] and not facts['is_utf_8'] %}
        {% do found.update({'problem': 'the file is written in Windows-1252, or in another encoding than UTF-8 and Latin-1: save it as UTF-8'}) %}
    {% elif delimiter not in header %}
        {% set looks = 'looks semicolon-delimited' if ';' in header else 'looks pipe-delimited' if '|' in header else 'has neither tabs nor commas in its first line' %}
        {% do found.update({'problem': 'the file ' ~ looks ~ ': save it as tab- or comma-delimited text with a header line'}) %}
    {% elif 2 * n_misfits > facts['n_rows'] %}
        {% do found.update({'problem':
            'the header splits at ' ~ ('tabs' if delimiter == '\t' else 'commas') ~ ' into ' ~ columns | length ~ ' columns, but ' ~ n_misfits ~ ' of the '
            ~ facts['n_rows'] ~ ' rows do not: the rows are delimited in another way, or the file is damaged; save it again with one delimiter throughout'
        }) %}
    {% endif %}
    {{ return(found) }}
{% endmacro %}

{# How many fields a line has whose values may stand in quotes. Arguments: line, SQL of a text; mark, the delimiter. #}
{% macro spark_count_quoted(line, mark) %}
    {{ return("size(regexp_extract_all(concat(" ~ line ~ ", '" ~ mark ~ "'), '" ~ quoted_field(mark) ~ "', 1))") }}
{% endmacro %}

{% macro spark_no_rows() %}
    {{ return('the file holds a header and no rows: ask for it again, or take it out of the folder, so that its table counts as not supplied') }}
{% endmacro %}


{% macro spark__field_at(position) %}
    {{ return('fields[' ~ position ~ ']') }}
{% endmacro %}

{#
    Spark writes 20000001 as 2.0000001E7 where a column is floating-point, as ids with gaps are saved; DuckDB writes 20000001.0. The
    session's zone is UTC (profiles/profiles.yml), so that a moment shifted to London's clock is written as that.
#}
{% macro spark__typed_as_text(column, type) %}
    {% if type in ('double', 'float') %}
        {{ return('case when isnan(' ~ column ~ ') then null when ' ~ column ~ ' = floor(' ~ column ~ ') and abs(' ~ column ~ ") < 1e15 then cast(cast(" ~ column ~ " as bigint) as string) || '.0' else cast(" ~ column ~ ' as string) end') }}
    {% endif %}
    {% if type == 'timestamp' %}
        {% set column = "case when " ~ column ~ " < timestamp '1900-01-01 00:00:00Z' then " ~ column ~ " else from_utc_timestamp(" ~ column ~ ", 'Europe/London') end" %}
    {% endif %}
    {{ return(default__typed_as_text(column, type)) }}
{% endmacro %}

{% macro spark__parquet_rows(path) %}
    {{ return('parquet.' ~ adapter.quote(path)) }}
{% endmacro %}

{#
    Spark reads bytes and knows no line numbers: a Latin-1 line is decoded here, and the header is told by its text. Where it
    occurs n times, n - 1 of them are malformed lines.
#}
{% macro spark__split_lines(path, found) %}
    {% set line = "decode(cast(value as binary), 'ISO-8859-1')" if found.encoding == 'latin-1' else 'value' %}
    {% set line = line_without_odd_bytes(line, found) %}
    {% if found.is_quoted %}
        {% set fields = "transform(regexp_extract_all(concat(line, " ~ sql_text(found.delimiter) ~ "), " ~ sql_text(quoted_field(found.delimiter))
            ~ ", 1), x -> case when length(x) > 1 and x like '\"%\"' then replace(substring(x, 2, length(x) - 2), '\"\"', '\"') else x end)" %}
    {% else %}
        {% set fields = "split(line, " ~ sql_text(found.delimiter) ~ ")" %}
    {% endif %}
    {% set header_again = "\nunion all select cast(null as array<string>) as fields from explode(sequence(2, " ~ found.n_headers ~ ")) as v(n)" if found.n_headers > 1 else '' %}
    {{ return(
        "(select case when size(split_fields) = " ~ found.columns | length ~ " then split_fields end as fields from (select "
        ~ fields ~ " as split_fields from (select " ~ line ~ " as line from text." ~ adapter.quote(path) ~ ")"
        ~ " where trim(line) <> '' and line <> " ~ sql_text(found.header) ~ ")" ~ header_again ~ ")"
    ) }}
{% endmacro %}


{# One view a file and one over them: the catalogue of one machine takes no view longer than 32,700 characters. #}
{% macro spark__create_raw_view(relation, parts) %}
    {% set views = [] %}
    {% for part in parts %}
        {% do run_query('create or replace view ' ~ relation ~ '_' ~ loop.index ~ ' as\n' ~ part) %}
        {% do views.append('select * from ' ~ relation ~ '_' ~ loop.index) %}
    {% endfor %}
    {% do run_query('create or replace view ' ~ relation ~ ' as\n' ~ views | join('\nunion all\n')) %}
{% endmacro %}
