{% macro generate_schema_name(custom_schema_name, node) -%}
    {#- staging, intermediate, marts ... by their own names; prefixed only where the target's schema is not the default. -#}
    {%- if custom_schema_name is none -%}
        {{ target.schema }}
    {%- elif target.schema == 'main' -%}
        {{ custom_schema_name | trim }}
    {%- else -%}
        {{ target.schema }}_{{ custom_schema_name | trim }}
    {%- endif -%}
{%- endmacro %}
