{# One row per pupil and level of social care that can be shown for it: from when on it is the highest known so far.
   Grain: pupil_id, level_rank.   Population: pupils of whom any level can be shown at any time.
   Rule: this is the one place that says when a level is shown, so that nothing is known before it could be.
   Care, a plan, need and referral are shown from the day after they were sure; a contact made on the day of an offence is not
   one before it. A level reached after a higher one is no step.
   With both returns supplied nothing is shown before the first day that both cover; on it a pupil's level is the highest that was
   sure by then. Only contacts that lasted into the returns are known from before, so time at them would be that of those who stayed.
   With one return alone care is shown from its own day, and no level below it, for a higher one may stand in the other.
   No contact is shown from that first day on, for every pupil of the education data and for nobody else:
   were it shown for pupils who are known from a later contact alone, only those who came to that contact would have such time.
   Before its first row a pupil's level is not known. #}

with

changes as (

    select pupil_id, level_rank, confirmed_date from {{ ref('int_social_care_level_changes') }}

),

supplied as (

    select is_cla_supplied and is_cin_supplied as are_both_supplied from {{ ref('int_tables_supplied') }}

),

covered as (

    select max(first_date) as first_date from {{ ref('int_social_care_spans') }}

),

taught as (

    select pupil_id
    from {{ ref('int_pupils_listed') }}
    where is_in_education_data

),

dated as (

    select pupil_id, level_rank, cast({{ dbt.dateadd('day', 1, 'confirmed_date') }} as date) as from_date
    from changes

),

reached as (

    select
        dated.pupil_id,
        dated.level_rank,
        case when supplied.are_both_supplied then greatest(dated.from_date, covered.first_date) else dated.from_date end as from_date
    from dated
    cross join supplied
    cross join covered
    where dated.level_rank = 4 or supplied.are_both_supplied

),

higher as (

    -- when any higher level was reached
    select
        *,
        min(from_date) over (
            partition by pupil_id order by level_rank desc nulls last rows between unbounded preceding and 1 preceding
        ) as higher_from_date
    from reached

),

steps as (

    select pupil_id, level_rank, from_date
    from higher
    where higher_from_date is null or higher_from_date > from_date

),

first_steps as (

    select pupil_id, min(from_date) as from_date
    from steps
    group by pupil_id

),

no_contact as (

    select taught.pupil_id, 0 as level_rank, covered.first_date as from_date
    from taught
    cross join supplied
    cross join covered
    left join first_steps on taught.pupil_id = first_steps.pupil_id
    where supplied.are_both_supplied
        and (first_steps.from_date is null or covered.first_date < first_steps.from_date)

),

final as (

    select pupil_id, level_rank, from_date from steps
    union all
    select pupil_id, level_rank, from_date from no_contact

)

select * from final
