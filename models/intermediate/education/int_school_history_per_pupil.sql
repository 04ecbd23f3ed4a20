{# One row per pupil of the school census: years seen, authority near age 15, free school meals and special needs ever.
   Grain: pupil_id.   Population: pupils with at least one census row whose school year can be read.
   Rule: the authority is that of the main registration in the census year whose age at the start of the school year is
   nearest 15, the earlier of two equally near; with no birth known, the last census year. Free school meals and special
   needs are read from every registration. #}

with

registrations as (

    select * from {{ ref('int_school_census_rows_marked') }} where pupil_id is not null and academic_year_end is not null

),

births as (

    select child_key, notional_birth_date from {{ ref('int_child_attributes_resolved') }}

),

sen_provisions as (

    -- a code keeps its group when its validity changes
    select code, max(case when code_group = 'none' then 0 else 1 end) as is_special_need
    from {{ ref('npd_sen_provision') }}
    group by code

),

ever_per_pupil as (

    select
        registrations.pupil_id,
        min(registrations.academic_year_end) as first_census_year,
        max(registrations.academic_year_end) as last_census_year,
        max(case when registrations.is_free_school_meals_eligible then 1 when not registrations.is_free_school_meals_eligible then 0 end) = 1
            as ever_free_school_meals,
        max(sen_provisions.is_special_need) = 1 as ever_special_educational_needs
    from registrations
    left join sen_provisions on registrations.sen_provision_code = sen_provisions.code
    group by registrations.pupil_id

),

main_registrations as (

    select
        registrations.pupil_id,
        registrations.local_authority_code,
        registrations.academic_year_end,
        -- age on the 31 August before the school year
        registrations.academic_year_end - 1 - {{ school_year_end_of('births.notional_birth_date') }} as age_at_start_of_year
    from registrations
    left join births on registrations.pupil_id = births.child_key
    where registrations.ledger_rule_id = 'used' and registrations.local_authority_code is not null

),

ranked as (

    select
        *,
        row_number() over (
            partition by pupil_id
            order by
                abs(age_at_start_of_year - 15) nulls last,
                case when age_at_start_of_year is null then -academic_year_end else academic_year_end end nulls last
        ) as place
    from main_registrations

),

nearest_15 as (

    select pupil_id, local_authority_code, academic_year_end from ranked where place = 1

),

final as (

    select
        ever_per_pupil.pupil_id,
        ever_per_pupil.first_census_year,
        ever_per_pupil.last_census_year,
        ever_per_pupil.ever_free_school_meals,
        ever_per_pupil.ever_special_educational_needs,
        nearest_15.local_authority_code,
        nearest_15.academic_year_end as local_authority_year
    from ever_per_pupil
    left join nearest_15 on ever_per_pupil.pupil_id = nearest_15.pupil_id

)

select * from final
