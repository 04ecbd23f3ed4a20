{#
    Wide rows turned long: a file that holds the facts of a pupil and year in numbered slots (Category_1, Category_2, ...)
    gives one row for each slot up to the last that is filled. A file that is long already holds its fact in the columns
    without a number, which count as slot 0. A row without any fact stays as one row of slot 0, so that no row is lost.

    It is plain SQL that every engine runs: the wide row is read once, and only as many slots of it are looked at as are
    filled. The join in it repeats a row for its own slots and meets no other table.

    Arguments: relation, name of a CTE; kept, list of columns that are repeated; slotted, list of columns with slots;
    n_slots, number of slots. Returns: SQL of a select with the kept columns, `slot_number`, `is_first_slot`, true once for
    each wide row, and the slotted columns as text.
#}
{% macro turn_slots_long(relation, kept, slotted, n_slots) %}
    select
        {% for column in kept -%}
        wide.{{ column }},
        {% endfor -%}
        slots.slot_number,
        slots.slot_number = case when wide.last_slot = 0 then 0 else wide.first_slot end as is_first_slot,
        {% for column in slotted -%}
        case slots.slot_number
            when 0 then wide.{{ column }}
            {%- for slot in range(1, n_slots + 1) %}
            when {{ slot }} then wide.{{ column }}_{{ slot }}
            {%- endfor %}
        end as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from (
        select
            *,
            case when {{ slot_is_filled(slotted, 0) }} then 0 else 1 end as first_slot,
            case
                {%- for slot in range(n_slots, 0, -1) %}
                when {{ slot_is_filled(slotted, slot) }} then {{ slot }}
                {%- endfor %}
                else 0
            end as last_slot
        from {{ relation }}
    ) as wide
    inner join (
        {% for slot in range(0, n_slots + 1) -%}
        select {{ slot }} as slot_number{{ ' union all' if not loop.last }}
        {% endfor %}
    ) as slots
        on slots.slot_number <= wide.last_slot
        and (slots.slot_number >= wide.first_slot or wide.last_slot = 0)
{% endmacro %}

{# Whether any column of one slot has a value. Arguments: slotted, list of columns; slot, its number, 0 for none. Returns: boolean SQL. #}
{% macro slot_is_filled(slotted, slot) -%}
    {%- set tests = [] -%}
    {%- for column in slotted -%}
        {%- do tests.append(clean_text(column ~ ('_' ~ slot if slot else '')) ~ ' is not null') -%}
    {%- endfor -%}
    ({{ tests | join(' or ') }})
{%- endmacro %}


{# How many slots a source table declares under config.meta. Arguments: source_name, table_name, text. Returns: whole number. #}
{% macro slots_declared(source_name, table_name) %}
    {% if not execute %}{{ return(1) }}{% endif %}
    {% set tables = graph.sources.values() | selectattr('source_name', 'equalto', source_name) | selectattr('name', 'equalto', table_name) | list %}
    {{ return(tables[0].config.meta.slots) }}
{% endmacro %}
