{#
    No two rows share the grain that the model or seed declares once, in its `config.meta.grain`; a missing key value counts
    as a value. A grain of one row is declared as an empty list.
    Arguments: model, the relation under test.
#}
{% test has_declared_grain(model) %}
    {% set nodes = [] %}
    {% if execute %}
        {% for node in graph.nodes.values() if node.resource_type in ('model', 'seed') and node.alias == model.identifier and node.schema == model.schema %}
            {% do nodes.append(node) %}
        {% endfor %}
        {% if 'grain' not in nodes[0].config.meta %}
            {% do exceptions.raise_compiler_error(model.identifier ~ ' declares no config.meta.grain: say which columns make one row.') %}
        {% endif %}
    {% endif %}
    {% set grain = nodes[0].config.meta.grain if nodes else [] %}

    select {{ grain | join(', ') ~ ', ' if grain }}count(*) as n_rows
    from {{ model }}
    {{ 'group by ' ~ grain | join(', ') if grain }}
    having count(*) > 1
{% endtest %}
