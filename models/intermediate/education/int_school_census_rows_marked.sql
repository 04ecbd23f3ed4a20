{# One row per delivered row of the school census, with what becomes of it.
   Grain: none, as delivered.   Rule: the first rule of the seed ledger_rules that applies, in the order below. Of the
   registrations of a pupil in a school year, the main one is used and the others are merged into it. #}

{# The total order in which a pupil's registrations of one school year are preferred: current or main registration, then
    those without a status, then others, subsidiary ones last; then the smallest authority and school; the other delivered
    values follow so that no two different rows tie. #}
{%- set row_order %}
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

-- nearly every pupil has one registration in a year: only the others are put in order
numbered as (

    select delivered.*, cast(1 as bigint) as place, cast(1 as bigint) as rank_of_values
    from {{ ref('stg_npd__school_census') }} as delivered
    left join repeated_keys on delivered.pupil_id = repeated_keys.pupil_id and delivered.academic_year_end = repeated_keys.academic_year_end
    where repeated_keys.pupil_id is null
    union all
    -- main registration first; rows that are alike in every value share their rank
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
        case
            when is_malformed_row then 'malformed_row'
            when academic_year_end is null then 'no_return_year'
            when pupil_id is null then 'no_pupil_id'
            when place > rank_of_values then 'exact_duplicate'
            when place > 1 then 'other_registration'
            else 'used'
        end as ledger_rule_id,
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
        is_free_school_meals_eligible
    from numbered

)

select * from final
