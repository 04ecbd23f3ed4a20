{# One row per delivered row of the school census whose pupil has several in the school year, in order of preference.
   Grain: none, as delivered.   Population: rows of stg_npd__school_census, about one in fifty.
   Rule: a pupil who has left the roll comes last; then current and main registrations first, then those without a status,
   then others, subsidiary ones last; then the smallest authority and school. Rows that are alike in every value are one registration delivered again.
   A table of its own, so that int_school_census_rows_marked needs to store nothing for all other pupils. #}

{# The other delivered values follow, so that no two different rows tie. #}
{%- set row_order %}
    case when is_on_roll = false then 1 else 0 end nulls last,
    case
        when enrolment_status_code in ('C', 'M') then 1
        when enrolment_status_code is null then 2
        when enrolment_status_code = 'S' then 4
        else 3
    end nulls last,
    local_authority_code nulls last, school_urn nulls last, enrolment_status_code nulls last,
    moj_uid nulls last, home_area_code nulls last, home_local_authority_code nulls last, sex_code nulls last, ethnicity_code nulls last,
    first_language_code nulls last, sen_provision_code nulls last, sen_type_code nulls last,
    national_curriculum_year_code nulls last, record_status_code nulls last, birth_year nulls last, birth_month nulls last,
    idaci_score nulls last, is_free_school_meals_eligible nulls last, is_free_school_meals_eligible_6_years nulls last,
    is_on_roll nulls last, entry_date nulls last, leaving_date nulls last
{%- endset %}

with

repeated_keys as (

    select pupil_id, academic_year_end
    from {{ ref('stg_npd__school_census') }}
    where pupil_id is not null and academic_year_end is not null
    group by pupil_id, academic_year_end
    having count(*) > 1

),

numbered as (

    -- rows that are alike in every value share their rank
    select
        delivered.*,
        row_number() over (
            partition by delivered.pupil_id, delivered.academic_year_end order by {{ row_order }}, source_file nulls last
        ) as place,
        rank() over (partition by delivered.pupil_id, delivered.academic_year_end order by {{ row_order }}) as rank_of_values
    from {{ ref('stg_npd__school_census') }} as delivered
    inner join repeated_keys on delivered.pupil_id = repeated_keys.pupil_id and delivered.academic_year_end = repeated_keys.academic_year_end

),

final as (

    select
        source_file,
        is_malformed_row,
        pupil_id,
        moj_uid,
        academic_year_end,
        is_year_of_file,
        local_authority_code,
        school_urn,
        home_local_authority_code,
        national_curriculum_year_code,
        sen_provision_code,
        sen_type_code,
        idaci_score,
        enrolment_status_code,
        is_free_school_meals_eligible,
        cast(place as integer) as place,
        place > rank_of_values as is_exact_duplicate
    from numbered

)

select * from final
