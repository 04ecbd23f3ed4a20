{#
    The source tables whose rows are accounted for, and the models that hold them. Every table that is read stands here
    once; the ledger, the counts of values and the pupils of the extract follow from it.

    Returns: list of {source_table, staged: model with the rows as delivered, marked: model that gives each row its
    `ledger_rule_id`, year: column of the year it is returned in, none where it has none, finds: whether staging keeps
    `value_findings`}.
#}
{% macro ledgered_tables() %}
    {{ return([
        {'source_table': 'cla.episodes', 'staged': 'stg_cla__episodes', 'marked': 'int_cla_rows_marked', 'year': 'return_year', 'finds': true},
        {'source_table': 'cin.episodes', 'staged': 'stg_cin__episodes', 'marked': 'int_cin_rows_marked', 'year': 'return_year', 'finds': true},
        {'source_table': 'npd.school_census', 'staged': 'stg_npd__school_census', 'marked': 'int_school_census_rows_marked', 'year': 'academic_year_end', 'finds': true},
        {'source_table': 'links.pupil_offender', 'staged': 'stg_links__pupil_offender', 'marked': 'int_link_rows_marked', 'year': none, 'finds': false},
    ]) }}
{% endmacro %}
