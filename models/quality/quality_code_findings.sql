{# One row per source table, file, column and code that is in no look-up, or is used outside the years it was valid in.
   Grain: source_table, source_file, column_name, code, finding.
   Rule: such codes are kept and labelled `unmapped`; a year is inside a code's validity if the two overlap. Years of schools
   run from 1 September, return years of social care from 1 April; codes of justice are not judged by years. A code that cleaning put in place of another spelling is not
   one that the file used, and is left out. #}

with

{% set coded = [
    ('cla.episodes', 'stg_cla__episodes', 'return_year', [
        ('placement_code', 'cla_placement'), ('legal_status_code', 'cla_legal_status'),
        ('reason_ceased_code', 'cla_reason_ceased'), ('category_of_need_code', 'cla_category_of_need'),
        ('reason_new_episode_code', 'cla_reason_new_episode'), ('reason_place_change_code', 'cla_reason_place_change'),
        ('ethnicity_code', 'npd_ethnicity_minor'), ('local_authority_code', 'local_authorities')]),
    ('cin.episodes', 'stg_cin__episodes', 'return_year', [
        ('primary_need_code', 'cin_primary_need'), ('reason_for_closure_code', 'cin_reason_for_closure'),
        ('referral_source_code', 'cin_referral_source'), ('category_of_abuse_code', 'cin_category_of_abuse'),
        ('first_category_of_abuse_code', 'cin_category_of_abuse'), ('initial_category_of_abuse_code', 'cin_category_of_abuse'),
        ('latest_category_of_abuse_code', 'cin_category_of_abuse'), ('ethnicity_code', 'npd_ethnicity_minor'),
        ('local_authority_code', 'local_authorities')]),
    ('npd.school_census', 'stg_npd__school_census', 'academic_year_end', [
        ('ethnicity_code', 'npd_ethnicity_minor'), ('sen_provision_code', 'npd_sen_provision'),
        ('enrolment_status_code', 'npd_enrol_status'), ('local_authority_code', 'local_authorities'),
        ('home_local_authority_code', 'local_authorities'), ('sen_type_code', 'npd_sen_type'),
        ('national_curriculum_year_code', 'npd_nc_year')]),
    ('npd.pru_census', 'stg_npd__pru_census', 'academic_year_end', [
        ('ethnicity_code', 'npd_ethnicity_minor'), ('sen_provision_code', 'npd_sen_provision'), ('sen_type_code', 'npd_sen_type'),
        ('national_curriculum_year_code', 'npd_nc_year'), ('local_authority_code', 'local_authorities')]),
    ('npd.ap_census', 'stg_npd__ap_census', 'academic_year_end', [
        ('sen_provision_code', 'npd_sen_provision'), ('local_authority_code', 'local_authorities')]),
    ('npd.exclusions', 'stg_npd__exclusions', 'academic_year_end', [
        ('exclusion_category_code', 'npd_exclusion_category'), ('exclusion_reason_code', 'npd_exclusion_reason')]),
    ('npd.ks2', 'stg_npd__ks2', 'academic_year_end', [
        ('english_level_code', 'npd_ks2_level'), ('reading_level_code', 'npd_ks2_level'), ('maths_level_code', 'npd_ks2_level')]),
    ('npd.ks4', 'stg_npd__ks4', 'academic_year_end', [('establishment_type_code', 'npd_establishment_type')]),
    ('pnc.offences', 'stg_pnc__offences', 'record_year', [
        ('offence_code', 'ho_offence'), ('disposal_text', 'pnc_disposal_text'), ('disposal_code', 'pnc_disposal'), ('country_code', 'pnc_country')]),
    ('courts.magistrates', 'stg_courts__magistrates', 'record_year', [('outcome_code', 'court_outcome')]),
    ('courts.crown', 'stg_courts__crown', 'record_year', [('outcome_code', 'court_outcome')]),
    ('prisons.custody', 'stg_prisons__custody', 'record_year', [('reception_type_code', 'custody_reception_type')]),
    ('reference.local_area', 'stg_reference__local_area', 'indicator_year', [('local_authority_code', 'local_authorities')]),
] -%}

observed as (

    {% for source_table, model, year, columns in coded -%}
    {% set last_table = loop.last -%}
    {% for column, lookup in columns -%}
    select
        '{{ source_table }}' as source_table, source_file, '{{ column }}' as column_name, '{{ lookup }}' as lookup,
        {{ column }} as code, {{ year }} as return_year, count(*) as n_rows
    from {{ ref(model) }}
    where {{ column }} is not null and coalesce(value_findings not like '%recoded:{{ column }}%', true)
    group by source_file, {{ column }}, {{ year }}
    {{ 'union all' if not (loop.last and last_table) }}
    {% endfor -%}
    {% endfor %}
),

dated as (

    select
        *,
        case when source_table like 'npd.%' then {{ school_year_first_day('return_year') }} else {{ return_year_first_day('return_year') }} end
            as first_day,
        case when source_table like 'npd.%' then {{ school_year_last_day('return_year') }} else {{ return_year_last_day('return_year') }} end as last_day
    from observed

),

lookups as (

    {% for lookup in ['cla_placement', 'cla_legal_status', 'cla_reason_ceased', 'cla_category_of_need', 'cla_reason_new_episode',
        'cla_reason_place_change', 'cin_primary_need', 'cin_reason_for_closure', 'cin_referral_source', 'cin_category_of_abuse',
        'npd_ethnicity_minor', 'npd_sen_provision', 'npd_enrol_status', 'npd_sen_type', 'npd_exclusion_category',
        'npd_exclusion_reason'] -%}
    select '{{ lookup }}' as lookup, code, valid_from, valid_to from {{ ref(lookup) }}
    union all
    {% endfor -%}
    -- these, and the codes of justice, are not tied to years here
    select 'pnc_disposal_text' as lookup, label as code, cast(null as date) as valid_from, cast(null as date) as valid_to
    from {{ ref('pnc_disposal') }}
    union all
    {% for lookup in ['npd_nc_year', 'npd_ks2_level', 'npd_establishment_type', 'pnc_disposal', 'pnc_country', 'court_outcome',
        'custody_reception_type'] -%}
    select '{{ lookup }}' as lookup, code, cast(null as date) as valid_from, cast(null as date) as valid_to
    from {{ ref(lookup) }}
    union all
    {% endfor -%}
    -- an offence is known by its whole code or by its class: those that were given a group
    select 'ho_offence' as lookup, offence_code as code, cast(null as date) as valid_from, cast(null as date) as valid_to
    from {{ ref('int_pnc_rows_marked') }}
    where offence_group <> 'unmapped' and offence_code is not null
    group by offence_code
    union all
    -- the years in the list of authorities are those of one publication, not the authority's own
    select 'local_authorities' as lookup, code, cast(null as date) as valid_from, cast(null as date) as valid_to
    from {{ ref('local_authorities') }}

),

checked as (

    select
        dated.source_table,
        dated.source_file,
        dated.column_name,
        dated.lookup,
        dated.code,
        dated.return_year,
        dated.n_rows,
        max(case when lookups.code is not null then 1 else 0 end) as is_known,
        max(case
            when dated.return_year is null then 1
            when coalesce(lookups.valid_from, dated.last_day) <= dated.last_day and coalesce(lookups.valid_to, dated.first_day) >= dated.first_day
                then 1
            else 0
        end) as is_in_period
    from dated
    left join lookups on dated.lookup = lookups.lookup and dated.code = lookups.code
    group by
        dated.source_table, dated.source_file, dated.column_name, dated.lookup, dated.code, dated.return_year, dated.n_rows

),

final as (

    select
        source_table,
        source_file,
        column_name,
        code,
        case when is_known = 0 then 'unmapped' else 'outside_validity' end as finding,
        lookup as lookup_name,
        cast(sum(n_rows) as bigint) as n_rows,
        min(return_year) as first_return_year,
        max(return_year) as last_return_year
    from checked
    where is_known = 0 or is_in_period = 0
    group by source_table, source_file, column_name, code, is_known, lookup

)

select * from final
