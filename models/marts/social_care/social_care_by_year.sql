{# One row per pupil and school year of childhood: the level of social care in the year, days at each, and the level ever by its end.
   Grain: pupil_id, academic_year_end.   Population: pupils of `pupils` whose birth is known, in every school year from birth to the 18th birthday.
   Rule: a year that the children in need or the looked-after data do not cover has no level unless care was seen, never
   `no_contact`; nor has a pupil outside the education data that level in any year. #}

with

pupils as (

    select pupil_id, notional_birth_date, is_in_education_data from {{ ref('pupils') }}

),

exposures as (

    select
        pupil_id, first_care_date, first_child_protection_plan_date, child_in_need_confirmed_date, first_contact_date,
        care_days_exactness, need_days_exactness, plan_days_exactness
    from {{ ref('social_care_exposures') }}

),

facts as (

    select * from {{ ref('int_social_care_years') }}

),

covered as (

    select
        academic_year_end,
        first_date,
        next_first_date,
        cla_coverage,
        cin_coverage,
        cla_coverage <> 'none' as is_cla_covered,
        cin_coverage <> 'none' as is_cin_covered,
        max(case when cla_coverage <> 'none' and cin_coverage <> 'none' then 1 else 0 end) over (
            order by academic_year_end nulls last rows between unbounded preceding and current row
        ) = 1 as is_any_year_covered
    from {{ ref('int_academic_years') }}

),

described as (

    -- all that is known once for a pupil, before there is a row for each of its years
    select
        pupils.pupil_id,
        pupils.notional_birth_date,
        pupils.is_in_education_data,
        exposures.first_care_date,
        exposures.first_child_protection_plan_date,
        exposures.child_in_need_confirmed_date,
        exposures.first_contact_date,
        exposures.care_days_exactness,
        exposures.need_days_exactness,
        exposures.plan_days_exactness
    from pupils
    left join exposures on pupils.pupil_id = exposures.pupil_id

),

births as (

    -- a pupil whose birth is not known meets no childhood below
    select distinct notional_birth_date from pupils where notional_birth_date is not null

),

childhoods as (

    select
        births.notional_birth_date,
        covered.*,
        {{ age_in_years('births.notional_birth_date', 'covered.first_date') }} as age_at_start
    from births
    inner join covered
        on covered.next_first_date > births.notional_birth_date
        and covered.first_date < {{ childhood_end_date('births.notional_birth_date') }}

),

levels as (

    select level, rank from {{ ref('social_care_levels') }}

),

joined as (

    select
        described.pupil_id,
        childhoods.academic_year_end,
        childhoods.age_at_start,
        childhoods.cla_coverage,
        childhoods.cin_coverage,
        childhoods.is_cla_covered,
        childhoods.is_cin_covered,
        childhoods.is_any_year_covered,
        childhoods.next_first_date,
        facts.level_rank,
        facts.days_in_care,
        facts.days_on_plan,
        facts.days_in_need,
        described.is_in_education_data,
        described.first_care_date,
        described.first_child_protection_plan_date,
        described.child_in_need_confirmed_date,
        described.first_contact_date,
        described.care_days_exactness,
        described.need_days_exactness,
        described.plan_days_exactness
    from described
    inner join childhoods on described.notional_birth_date = childhoods.notional_birth_date
    left join facts on described.pupil_id = facts.pupil_id and childhoods.academic_year_end = facts.academic_year_end

),

final as (

    select
        joined.pupil_id,
        joined.academic_year_end,
        cast(case when joined.age_at_start >= 0 then joined.age_at_start end as smallint) as age_at_start,
        joined.cla_coverage,
        joined.cin_coverage,
        case
            when levels.level = 'child_looked_after' then levels.level
            when not (joined.is_cla_covered and joined.is_cin_covered) then null
            when joined.level_rank is not null then levels.level
            when joined.is_in_education_data then 'no_contact'
        end as social_care_level,
        {{ highest_level_where(
            contact='joined.first_contact_date < joined.next_first_date',
            need='joined.child_in_need_confirmed_date < joined.next_first_date',
            plan='joined.first_child_protection_plan_date < joined.next_first_date',
            care='joined.first_care_date < joined.next_first_date',
            no_contact='joined.is_in_education_data',
            is_untold='not joined.is_any_year_covered'
        ) }} as highest_level_so_far,
        case when joined.is_cla_covered or joined.days_in_care > 0 then coalesce(joined.days_in_care, cast(0 as smallint)) end as days_in_care,
        case
            when joined.plan_days_exactness <> 'not_available' and (joined.is_cin_covered or joined.days_on_plan > 0)
                then coalesce(joined.days_on_plan, cast(0 as smallint))
        end as days_on_plan,
        case
            when joined.need_days_exactness <> 'not_available' and (joined.is_cin_covered or joined.days_in_need > 0)
                then coalesce(joined.days_in_need, cast(0 as smallint))
        end as days_in_need,
        case
            when not joined.is_cla_covered and coalesce(joined.days_in_care, 0) = 0 then 'not_available'
            when joined.cla_coverage = 'full' and joined.care_days_exactness = 'exact' then 'exact'
            else 'lower_bound'
        end as days_in_care_exactness,
        case
            when (joined.need_days_exactness = 'not_available' or (not joined.is_cin_covered and coalesce(joined.days_in_need, 0) = 0))
                and (joined.plan_days_exactness = 'not_available' or (not joined.is_cin_covered and coalesce(joined.days_on_plan, 0) = 0))
                then 'not_available'
            when joined.cin_coverage = 'full' and joined.need_days_exactness = 'exact' and joined.plan_days_exactness <> 'lower_bound' then 'exact'
            else 'lower_bound'
        end as days_in_need_exactness
    from joined
    left join levels on joined.level_rank = levels.rank

)

select * from final
