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
        {'source_table': 'npd.pru_census', 'staged': 'stg_npd__pru_census', 'marked': 'int_pru_census_rows_marked', 'year': 'academic_year_end', 'finds': true},
        {'source_table': 'npd.ap_census', 'staged': 'stg_npd__ap_census', 'marked': 'int_ap_census_rows_marked', 'year': 'academic_year_end', 'finds': true},
        {'source_table': 'npd.absence', 'staged': 'stg_npd__absence', 'marked': 'int_absence_rows_marked', 'year': 'academic_year_end', 'finds': true},
        {'source_table': 'npd.exclusions', 'staged': 'stg_npd__exclusions', 'marked': 'int_exclusion_rows_marked', 'year': 'academic_year_end', 'finds': true},
        {'source_table': 'npd.ks2', 'staged': 'stg_npd__ks2', 'marked': 'int_ks2_rows_marked', 'year': 'academic_year_end', 'finds': true},
        {'source_table': 'npd.ks4', 'staged': 'stg_npd__ks4', 'marked': 'int_ks4_rows_marked', 'year': 'academic_year_end', 'finds': true},
        {'source_table': 'links.pupil_offender', 'staged': 'stg_links__pupil_offender', 'marked': 'int_link_rows_marked', 'year': none, 'finds': false},
        {'source_table': 'reference.local_area', 'staged': 'stg_reference__local_area', 'marked': 'int_local_area_rows_marked', 'year': 'indicator_year', 'finds': true},
        {'source_table': 'pnc.offences', 'staged': 'stg_pnc__offences', 'marked': 'int_pnc_rows_marked', 'year': 'record_year', 'finds': true},
        {'source_table': 'courts.magistrates', 'staged': 'stg_courts__magistrates', 'marked': 'int_magistrates_rows_marked', 'year': 'record_year', 'finds': true},
        {'source_table': 'courts.crown', 'staged': 'stg_courts__crown', 'marked': 'int_crown_rows_marked', 'year': 'record_year', 'finds': true},
        {'source_table': 'prisons.custody', 'staged': 'stg_prisons__custody', 'marked': 'int_custody_rows_marked', 'year': 'record_year', 'finds': true},
    ]) }}
{% endmacro %}
