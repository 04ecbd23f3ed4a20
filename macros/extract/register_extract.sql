{#
    Make the raw layer: one view per declared source table, columns under their one name, every value as text.

    Runs before each `dbt build`, `run` and `test`. The declarations are in the sources' YAML and nowhere else:
    a table's `config.meta` holds its file names (`files`, with * as a wildcard), the prefixes and the suffix that its
    column names may carry; a column's `config.meta` holds its accepted spellings and whether it is required.

    A table that no file supplies is registered empty. Whatever is wrong with the extract is collected over all files and
    reported in one message; no message holds a value of any row.
#}
{% macro register_extract() %}
    {% if execute and flags.WHICH in ('build', 'run', 'test') %}
        {% set problems = [] %}
        {% set registry = {'files': [], 'columns': []} %}
        {% do refuse_senseless_variables(problems) %}
        {% do run_query('create schema if not exists ' ~ raw_schema()) %}

        {% set tables = declared_tables() %}
        {% set assigned = assign_to_tables(tables, list_delivered(problems), problems) %}
        {% for table in tables %}
            {% set parts = [] %}
            {% for item in assigned[table.name] %}
                {% set found = inspect_delivered(item) %}
                {% if found.problem %}
                    {% do problems.append(item.name ~ ' (table ' ~ table.name ~ '): ' ~ found.problem ~ '.') %}
                {% else %}
                    {% set matched = match_columns(table, item.name, found.columns, problems) %}
                    {% do registry.files.append([table.name, item.name, found]) %}
                    {% if not found.get('ends_with_line', true) %}
                        {% do log(item.name ~ ' (table ' ~ table.name ~ ') does not end with a line break: if it was cut short, rows are missing. Compare its rows in quality.quality_extract_files with the number that was sent.', info=true) %}
                    {% endif %}
                    {% for column in table.columns if not column.slot_of %}
                        {# a column in numbered slots is delivered where its first slot is #}
                        {% set names = matched.get(column.name, []) + matched.get(column.name ~ '_1', []) %}
                        {% do registry.columns.append([table.name, item.name, column.name, names | join(', ') or none, column.required]) %}
                    {% endfor %}
                    {% do parts.append(select_from_cache(item, found, select_delivered(item, found, table.columns, matched)) if not problems else '') %}
                {% endif %}
            {% endfor %}
            {% if not assigned[table.name] %}
                {% do registry.files.append([table.name, none, {}]) %}
                {% for column in table.columns if not column.slot_of %}
                    {% do registry.columns.append([table.name, none, column.name, none, column.required]) %}
                {% endfor %}
                {% do parts.append(select_nothing(table.columns)) %}
            {% endif %}
            {% do table.update({'parts': parts}) %}
        {% endfor %}
        {% for item in assigned[''] %}
            {% do registry.files.append([none, item.name, {}]) %}
        {% endfor %}

        {% do require_a_pupil_table(tables, assigned, problems) %}
        {% if problems %}
            {% do exceptions.raise_compiler_error(extract_problems_text(problems)) %}
        {% endif %}

        {% for table in tables %}
            {% do create_raw_view(table.relation, table.parts) %}
        {% endfor %}
        {% do write_registry(registry) %}
    {% endif %}
{% endmacro %}


{#
    The variables of dbt_project.yml have values that can be true, and `--vars` names no other: a slip of the pen would otherwise
    change the numbers, or change nothing, without a word. Arguments: problems, a list to which a sentence is added for each.
#}
{% macro refuse_senseless_variables(problems) %}
    {% set limits = {
        'max_gap_days': [0, 3660], 'childhood_end_age': [1, 30], 'months_before_birth': [0, 24], 'all_episodes_min_share': [0, 1],
        'criminal_responsibility_age': [0, 30], 'youth_end_age': [1, 30], 'prolific_min_sanctions': [1, 1000], 'year_min_share': [0, 1],
        'earliest_birth_year': [1900, 2100], 'latest_birth_year': [1900, 2100], 'max_unknown_share': [0, 1],
        'min_values_to_judge': [1, 1000000], 'max_sessions_in_year': [1, 1000], 'characteristics_age': [0, 30], 'panel_start_age': [0, 30],
    } %}
    {% for name, (least, most) in limits.items() %}
        {% set value = var(name) %}
        {% if value is boolean or value is not number or not least <= value <= most or (most > 1 and value is not integer) %}
            {% do problems.append('The variable ' ~ name ~ ' is ' ~ value ~ ': set it to a ' ~ ('whole number' if most > 1 else 'share') ~ ' from ' ~ least ~ ' to ' ~ most ~ '.') %}
        {% endif %}
    {% endfor %}
    {% if var('count_respite_as_care') is not boolean %}
        {% do problems.append('The variable count_respite_as_care is ' ~ var('count_respite_as_care') ~ ': set it to true or false, without quotes.') %}
    {% endif %}
    {% for name in ['pnc_first_date', 'justice_end_date'] if var(name) or name == 'pnc_first_date' %}
        {% if run_query('select try_cast(' ~ sql_text(var(name) | string) ~ ' as date) as day').rows[0][0] is none %}
            {% do problems.append('The variable ' ~ name ~ ' is ' ~ var(name) ~ ': set it to a day of the calendar, such as 2017-12-31.') %}
        {% endif %}
    {% endfor %}
    {% if not problems and var('earliest_birth_year') > var('latest_birth_year') %}
        {% do problems.append('The variable earliest_birth_year is later than latest_birth_year: swap them.') %}
    {% endif %}
    {% for name in invocation_args_dict.get('vars', {}) if name not in limits and name not in
        ['count_respite_as_care', 'pnc_first_date', 'justice_end_date', 'extract_dir', 'loaded_schema'] %}
        {% do problems.append('No variable is called ' ~ name ~ ': see the list in dbt_project.yml.') %}
    {% endfor %}
{% endmacro %}


{#
    Folder of the extract as delivered; nothing else in the project names a file. From the variable extract_dir, else from
    MOJ_DFE_EXTRACT, else the bundled sample. Read when the run begins and not when the project is parsed, so that another
    extract needs no new parse. Returns: path as text.
#}
{% macro extract_dir() %}
    {{- return(var('extract_dir', env_var('MOJ_DFE_EXTRACT', 'synthetic/sample/all_episodes_share'))) -}}
{% endmacro %}


{#
    Schema of tables that are loaded already, under names like the extract's files; empty where files are read. From the
    variable loaded_schema, else from MOJ_DFE_LOADED_SCHEMA. Returns: name as text.
#}
{% macro loaded_schema() %}
    {{- return(var('loaded_schema', env_var('MOJ_DFE_LOADED_SCHEMA', ''))) -}}
{% endmacro %}


{# The schema that holds the raw views and the two tables of what was found. #}
{% macro raw_schema() %}
    {{- return(generate_schema_name('raw', none)) -}}
{% endmacro %}


{#
    The source tables that name files in their `config.meta`, in alphabetical order.

    A column that is declared once with `is_slotted: true` stands for itself (long years) and for its numbered slots (wide
    years), Category and Category_1 to Category_40; how many slots there are is said once, in the table's `slots`.

    Returns: list of {name, relation, files, prefixes, suffix, slots, columns: [{name, spellings, required, slot_of}]},
    slot_of being the declared column of a numbered slot, else none.
#}
{% macro declared_tables() %}
    {% set tables = [] %}
    {% for source in graph.sources.values() | sort(attribute='unique_id') if source.config.meta.get('files') %}
        {% set columns = [] %}
        {% for column in source.columns.values() if column.config.meta.get('spellings') %}
            {% do columns.append({
                'name': column.name,
                'spellings': column.config.meta.spellings,
                'required': column.config.meta.get('required', false),
                'slot_of': none,
            }) %}
            {% for slot in range(1, source.config.meta.get('slots', 0) + 1) if column.config.meta.get('is_slotted') %}
                {% set spellings = [] %}
                {% for spelling in column.config.meta.spellings %}{% do spellings.append(spelling ~ '_' ~ slot) %}{% endfor %}
                {% do columns.append({'name': column.name ~ '_' ~ slot, 'spellings': spellings, 'required': false, 'slot_of': column.name}) %}
            {% endfor %}
        {% endfor %}
        {% do tables.append({
            'name': source.source_name ~ '.' ~ source.name,
            'relation': raw_schema() ~ '.' ~ source.identifier,
            'files': source.config.meta.files,
            'prefixes': source.config.meta.get('prefixes', []),
            'suffix': source.config.meta.get('suffix', ''),
            'slots': source.config.meta.get('slots', 0),
            'columns': columns,
        }) %}
    {% endfor %}
    {{ return(tables) }}
{% endmacro %}


{#
    What was delivered: the files of extract_dir(), or the tables of loaded_schema() where that is set.

    Arguments: problems, a list of sentences to which a missing folder or schema is added.
    Returns: list of {name, stem, path} for files or {name, stem, relation} for loaded tables.
#}
{% macro list_delivered(problems) %}
    {% set delivered = [] %}
    {% if loaded_schema() | lower == raw_schema() | lower %}
        {% do problems.append('The schema ' ~ loaded_schema() ~ ' is that of the views which each run makes anew: load the extract into another, and set MOJ_DFE_LOADED_SCHEMA to it.') %}
    {% elif loaded_schema() %}
        {% set schema = [] %}
        {% for part in loaded_schema().split('.') %}{% do schema.append(adapter.quote(part)) %}{% endfor %}
        {% for name in list_loaded_tables(loaded_schema()) %}
            {% do delivered.append({'name': name, 'stem': name, 'relation': schema | join('.') ~ '.' ~ adapter.quote(name)}) %}
        {% endfor %}
        {% if not delivered %}
            {% do problems.append('The schema ' ~ loaded_schema() ~ ' holds no tables: set MOJ_DFE_LOADED_SCHEMA to the schema into which the extract was loaded.') %}
        {% endif %}
    {% else %}
        {% if cache_dir() and cache_dir().rstrip('/') == extract_dir().rstrip('/') %}
            {% do problems.append('MOJ_DFE_CACHE is the folder of the extract, and the next run would take the copies for files: set it to a folder of its own.') %}
        {% endif %}
        {% set listing = list_extract_folder(extract_dir()) %}
        {% if listing.problem %}
            {% do problems.append(extract_dir() ~ ': ' ~ listing.problem ~ '.') %}
        {% endif %}
        {% for name in listing.files %}
            {% set stem = modules.re.sub('(?i)[.](txt|csv|txt[.]gz|csv[.]gz|parquet)$', '', name) %}
            {% do delivered.append({'name': name, 'stem': stem, 'path': extract_dir() ~ '/' ~ name}) %}
        {% endfor %}
    {% endif %}
    {{ return(delivered) }}
{% endmacro %}


{#
    Which delivered file belongs to which table, by the file names that the tables declare (any letter case). Two names that differ
    but for what is put behind a file sent again, (1), _v2, - Copy or _final, are one file, and stop the run.

    Returns: dictionary from the table's name to its files; the files that no table knows are under ''.
#}
{% macro assign_to_tables(tables, delivered, problems) %}
    {% set assigned = {'': []} %}
    {% set stems = {} %}
    {% for table in tables %}{% do assigned.update({table.name: []}) %}{% endfor %}
    {% for item in delivered %}
        {% set owners = [] %}
        {% for table in tables %}
            {% for pattern in table.files %}
                {% set expression = '(?i)' ~ modules.re.escape(pattern).replace('\\*', '.*') ~ '$' %}
                {# A name with an extension that is not read keeps it in its stem, and is matched without it to be reported. #}
                {% if modules.re.match(expression, item.stem) and table.name not in owners %}
                    {% do owners.append(table.name) %}
                {% endif %}
            {% endfor %}
        {% endfor %}
        {% set is_readable = 'relation' in item or item.stem != item.name %}
        {% set extension = modules.re.search('(?i)[.](txt|csv|gz|parquet)/$', item.name) %}
        {% set version = modules.re.sub('(?i)([ _.-]*([(][0-9]+[)]|v[0-9]+|copy|final|revised|corrected))+$', '', item.stem) | lower %}
        {% if item.name.endswith('/') and not (owners and extension) %}
            {# a folder is not read; one that is named like a file may be the file, in parts #}
            {% do assigned[''].append(item) %}
        {% elif owners | length > 1 %}
            {% do problems.append(item.name ~ ': its name fits the tables ' ~ owners | join(' and ') ~ '. Make the file names under config.meta.files of these sources more specific.') %}
        {% elif owners and not is_readable %}
            {% do problems.append(item.name ~ ' (table ' ~ owners[0] ~ '): ' ~ ('a folder is' if item.name.endswith('/') else 'its kind of file is') ~ ' not read. Save it as .txt, .csv, .txt.gz, .csv.gz or .parquet, or take it out of the folder.') %}
        {% elif owners and version in stems %}
            {% do problems.append(item.name ~ ' (table ' ~ owners[0] ~ '): ' ~ stems[version] ~ ' holds the same table, and rows of both would count twice. Keep one of the two in the folder; two parts of one table need names that say so, such as _part1 and _part2.') %}
        {% elif owners %}
            {% do stems.update({version: item.name}) %}
            {% do assigned[owners[0]].append(item) %}
        {% else %}
            {% do assigned[''].append(item) %}
        {% endif %}
    {% endfor %}
    {{ return(assigned) }}
{% endmacro %}


{#
    Which column of a file is which column of the project.

    Two names are the same when they agree but for letter case and every sign that is not a letter or a digit, which
    also undoes R's clean_names. The table's year suffix may follow a name, and its prefix may stand before it once or
    twice (CLA_CLA_LA). A file may hold a column under several of its spellings (CIN_CIN_LA and CIN_LA): the first one that
    has a value counts, in the order of the spellings and, within one, of the least stripping.

    Arguments: table, of declared_tables(); file_name; header, the list of names in the file; problems, a list to which
    a sentence is added for a required column that is missing and for a name that occurs twice.
    Returns: dictionary from column name to its names in the file's header, in order of preference.
#}
{% macro match_columns(table, file_name, header, problems) %}
    {% set keys = {} %}
    {% for name in header %}
        {% set full = modules.re.sub('[^a-z0-9]', '', name | lower) %}
        {% set bare = modules.re.sub('[^a-z0-9]', '', modules.re.sub('(?i)' ~ table.suffix ~ '$', '', name) | lower) if table.suffix else full %}
        {% set forms = [full, bare] %}
        {% for prefix in table.prefixes %}
            {% set once = bare[prefix | length:] if bare.startswith(prefix | lower) else bare %}
            {% set twice = once[prefix | length:] if once.startswith(prefix | lower) else once %}
            {% do forms.extend([once, twice]) %}
        {% endfor %}
        {% for form in forms | unique %}
            {% do keys.setdefault(form, []).append([forms.index(form), name]) %}
        {% endfor %}
    {% endfor %}
    {% if table.slots %}
        {% do refuse_more_slots(table, file_name, keys, problems) %}
    {% endif %}

    {% set matched = {} %}
    {% for column in table.columns %}
        {% set names = [] %}
        {% for spelling in column.spellings %}
            {% set wanted = modules.re.sub('[^a-z0-9]', '', spelling | lower) %}
            {% set fits = [] %}
            {% for stripping, name in keys.get(wanted, []) if name not in names %}
                {% do fits.append([stripping, name]) %}
            {% endfor %}
            {% set fits = fits | sort %}
            {% if fits | length > 1 and fits[0][0] == fits[1][0] %}
                {% do problems.append(file_name ~ ' (table ' ~ table.name ~ '): two columns are both a spelling of ' ~ column.name ~ ' (' ~ spelling ~ '). Take one of them out of the file, or rename it.') %}
            {% endif %}
            {% do names.extend(fits | map('last')) %}
        {% endfor %}
        {% if names %}
            {% do matched.update({column.name: names}) %}
        {% endif %}
        {% if column.required and column.name not in matched %}
            {% do problems.append(
                file_name ~ ' (table ' ~ table.name ~ '): the required column ' ~ column.name ~ ' is missing. Spellings tried: '
                ~ column.spellings | join(', ')
                ~ (', each also with the prefix ' ~ table.prefixes | join(' or ') ~ '_' if table.prefixes else '')
                ~ (', each also with a year suffix' if table.suffix else '')
                ~ '. If the file has it under another name, add that name to the column\'s spellings in models/staging/'
                ~ table.name.split('.')[0] ~ '/_' ~ table.name.split('.')[0] ~ '__sources.yml; if not, ask for the column.'
            ) %}
        {% endif %}
    {% endfor %}
    {{ return(matched) }}
{% endmacro %}


{#
    A file with more numbered slots than the table declares would lose what stands in them: a sentence is added for it.
    Arguments: table and problems as in match_columns; file_name; keys, dictionary from a simplified name to the file's.
#}
{% macro refuse_more_slots(table, file_name, keys, problems) %}
    {% set slotted = table.columns | map(attribute='slot_of') | select | unique | list %}
    {% set wanted = [] %}
    {% for column in table.columns if column.name in slotted %}
        {% for spelling in column.spellings %}{% do wanted.append(modules.re.sub('[^a-z0-9]', '', spelling | lower)) %}{% endfor %}
    {% endfor %}
    {% set numbered = '(?:' ~ wanted | join('|') ~ ')([0-9]{1,3})$' %}
    {% for key in keys %}
        {% set slot = modules.re.match(numbered, key) %}
        {% if slot and slot.group(1) | int > table.slots %}
            {% do problems.append(
                file_name ~ ' (table ' ~ table.name ~ '): ' ~ keys[key][0][1] ~ ' is a slot beyond the ' ~ table.slots
                ~ ' that are read. Set slots to the number of slots under config.meta of this table in models/staging/'
                ~ table.name.split('.')[0] ~ '/_' ~ table.name.split('.')[0] ~ '__sources.yml.'
            ) %}
        {% endif %}
    {% endfor %}
{% endmacro %}


{# At least one table with pupils must have been delivered, or nothing can be built. #}
{% macro require_a_pupil_table(tables, assigned, problems) %}
    {% set with_pupils = [] %}
    {% set wanted = [] %}
    {% for table in tables if 'pupil_matching_ref' in table.columns | map(attribute='name') %}
        {% do wanted.extend(table.files) %}
        {% do with_pupils.extend(assigned[table.name]) %}
    {% endfor %}
    {% if not with_pupils and not problems %}
        {% do problems.append(
            'No file with a pupil matching reference was found in ' ~ (loaded_schema() or extract_dir()) ~ '. File names looked for: '
            ~ wanted | join(', ') ~ '. Set MOJ_DFE_EXTRACT to the folder in which the files lie (folders within it are not read), or add the names of your files to config.meta.files in the sources\' YAML.'
        ) %}
    {% endif %}
{% endmacro %}


{# The one message that stops a run: every problem of the extract, numbered. #}
{% macro extract_problems_text(problems) %}
    {% set lines = ['The extract cannot be used yet. What to put right, one line each:'] %}
    {% for problem in problems %}
        {% do lines.append('  ' ~ loop.index ~ '. ' ~ problem) %}
    {% endfor %}
    {{ return(lines | join('\n')) }}
{% endmacro %}


{# Write what was found to the two registry tables, source('extract', 'files') and source('extract', 'columns'). #}
{% macro write_registry(registry) %}
    {% set files = [] %}
    {% for table_name, file_name, found in registry.files %}
        {% do files.append('(' ~ [
            sql_text(table_name), sql_text(file_name), sql_text(found.get('kind')), sql_text(found.get('encoding')),
            sql_text({'\t': 'tab', ',': 'comma'}.get(found.get('delimiter'))),
            found.columns | length if found.columns else 'null', found.get('bytes') or 'null', sql_text(found.get('modified')),
        ] | join(', ') ~ ')') %}
    {% endfor %}
    {# The same few names come again for each file, and a call of a macro costs more than a look into a dictionary. #}
    {% set literals = {} %}
    {% set columns = [] %}
    {% for table_name, file_name, column_name, delivered_name, is_required in registry.columns %}
        {% for text in [table_name, file_name, column_name, delivered_name] if text not in literals %}{% do literals.update({text: sql_text(text)}) %}{% endfor %}
        {% do columns.append('(' ~ literals[table_name] ~ ', ' ~ literals[file_name] ~ ', ' ~ literals[column_name] ~ ', ' ~ literals[delivered_name] ~ ', ' ~ is_required | lower ~ ')') %}
    {% endfor %}
    {% do run_query('drop table if exists ' ~ raw_schema() ~ '.extract_files') %}
    {% do run_query('create table ' ~ raw_schema() ~ '.extract_files as select source_table, source_file, file_kind, encoding, delimiter, '
        ~ 'cast(n_columns as integer) as n_columns, cast(n_bytes as bigint) as n_bytes, cast(delivered_at as timestamp) as delivered_at from (values '
        ~ files | join(',\n') ~ ') as v(source_table, source_file, file_kind, encoding, delimiter, n_columns, n_bytes, delivered_at)') %}
    {% do run_query('drop table if exists ' ~ raw_schema() ~ '.extract_columns') %}
    {% do run_query('create table ' ~ raw_schema() ~ '.extract_columns as select * from (values '
        ~ columns | join(',\n') ~ ') as v(source_table, source_file, column_name, delivered_name, is_required)') %}
{% endmacro %}


{# A text as a SQL literal, or a typed null. Arguments: value, text or none. #}
{% macro sql_text(value) %}
    {{- return("cast(null as " ~ dbt.type_string() ~ ")" if value is none else adapter.dispatch('sql_literal')(value)) -}}
{% endmacro %}

{% macro default__sql_literal(value) %}
    {{- return("'" ~ value.replace("'", "''") ~ "'") -}}
{% endmacro %}


{# A source table that is not supplied: its columns, and no rows. #}
{% macro select_nothing(columns) %}
    {% set selected = ["cast(null as " ~ dbt.type_string() ~ ") as source_file", "cast(null as boolean) as is_malformed_row"] %}
    {% for column in columns %}
        {% do selected.append("cast(null as " ~ dbt.type_string() ~ ") as " ~ column.name) %}
    {% endfor %}
    {{ return("select " ~ selected | join(', ') ~ " where false") }}
{% endmacro %}
