{# One row per pupil that any source table holds: who they are, where they went to school, which sources know them.
   Grain: pupil_id.   Population: every pupil matching reference of the extract. #}

with

pupils as (

    select * from {{ ref('int_pupils_listed') }}

),

supplied as (

    select * from {{ ref('int_tables_supplied') }}

),

attributes as (

    select * from {{ ref('int_child_attributes_resolved') }}

),

schooling as (

    select * from {{ ref('int_school_history_per_pupil') }}

),

ethnic_groups_minor as (

    select code, label, code_group from {{ ref('npd_ethnicity_minor') }}

),

ethnic_groups_major as (

    select code, label from {{ ref('npd_ethnicity_major') }}

),

local_authorities as (

    select code, min(label) as label, min(region_name) as region_name
    from {{ ref('local_authorities') }}
    group by code

),

final as (

    select
        pupils.pupil_id,

        attributes.sex_code,
        attributes.has_sex_conflict,
        attributes.ethnicity_code as ethnicity_minor_code,
        case when attributes.ethnicity_code is not null then coalesce(ethnic_groups_minor.label, 'unmapped') end as ethnicity_minor_label,
        ethnic_groups_minor.code_group as ethnicity_major_code,
        case when attributes.ethnicity_code is not null then coalesce(ethnic_groups_major.label, 'unmapped') end as ethnicity_major_label,
        attributes.has_ethnicity_conflict,
        attributes.birth_year,
        attributes.birth_month,
        attributes.notional_birth_date,
        attributes.has_birth_conflict,
        {{ academic_year_label(school_year_end_of('attributes.notional_birth_date')) }} as cohort_academic_year,

        schooling.first_census_year,
        schooling.last_census_year,
        schooling.local_authority_code,
        case when schooling.local_authority_code is not null then coalesce(local_authorities.label, 'unmapped') end as local_authority_name,
        case when schooling.local_authority_code is not null then coalesce(local_authorities.region_name, 'unmapped') end as region_name,
        schooling.local_authority_year,
        schooling.home_local_authority_code,

        schooling.ever_free_school_meals,
        schooling.free_school_meals_at_15,
        schooling.free_school_meals_at_chosen_age,
        schooling.has_free_school_meals_conflict,
        schooling.ever_special_educational_needs,
        schooling.sen_provision_ever,
        schooling.sen_provision_at_15,
        schooling.sen_provision_at_chosen_age,
        schooling.has_sen_conflict,
        schooling.ever_behaviour_need,
        schooling.idaci_score_at_15,
        schooling.idaci_score_at_chosen_age,

        -- no row in any supplied table means no; where none was supplied the question stays open
        {% set npd_tables = ['school_census', 'pru_census', 'ap_census', 'absence', 'exclusions', 'ks2', 'ks4'] -%}
        case
            when pupils.is_in_education_data then true
            when {% for table in npd_tables %}supplied.is_{{ table }}_supplied{{ ' or ' if not loop.last }}{% endfor %} then false
        end as is_in_education_data,
        {% for table in npd_tables -%}
        case when supplied.is_{{ table }}_supplied then pupils.is_in_{{ table }} end as is_in_{{ table }},
        {% endfor %}
        case when supplied.is_cla_supplied then pupils.is_in_cla end as is_in_cla,
        case when supplied.is_cin_supplied then pupils.is_in_cin end as is_in_cin,
        case when supplied.is_link_supplied then pupils.is_in_links end as is_in_links,
        case when pupils.has_moj_uid then true when supplied.is_link_supplied then false end as is_linked_to_offender
    from pupils
    cross join supplied
    left join attributes on pupils.pupil_id = attributes.child_key
    left join schooling on pupils.pupil_id = schooling.pupil_id
    left join ethnic_groups_minor on attributes.ethnicity_code = ethnic_groups_minor.code
    left join ethnic_groups_major on ethnic_groups_minor.code_group = ethnic_groups_major.code
    left join local_authorities on schooling.local_authority_code = local_authorities.code

)

select * from final
