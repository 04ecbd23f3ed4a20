{# One row per person key of the justice data: the pupil that it stands for.
   Grain: moj_uid.   Population: every MoJUID of the justice tables and of the pairs in int_moj_uid_candidates.
   Rule: the pupil with the best evidence. Two that are level make the MoJUID ambiguous: it gets no pupil, and its records
   are kept aside. A pupil may have several MoJUIDs, whose records are then one person's. #}

with

candidates as (

    select * from {{ ref('int_moj_uid_candidates') }}

),

known as (

    select moj_uid, 'pnc' as kind from {{ ref('stg_pnc__offences') }}
    union all
    select moj_uid, 'courts' as kind from {{ ref('stg_courts__magistrates') }}
    union all
    select moj_uid, 'courts' as kind from {{ ref('stg_courts__crown') }}
    union all
    select moj_uid, 'prisons' as kind from {{ ref('stg_prisons__custody') }}
    union all
    select moj_uid, 'none' as kind from candidates

),

people as (

    select
        moj_uid,
        max(case when kind = 'pnc' then 1 else 0 end) = 1 as is_in_pnc,
        max(case when kind = 'courts' then 1 else 0 end) = 1 as is_in_courts,
        max(case when kind = 'prisons' then 1 else 0 end) = 1 as is_in_prisons
    from known
    where moj_uid is not null
    group by moj_uid

),

decided as (

    select
        moj_uid,
        count(*) as n_pupil_ids,
        sum(case when evidence_place = 1 then 1 else 0 end) as n_best,
        min(case when evidence_place = 1 then pupil_id end) as best_pupil_id,
        max(case when is_in_link_file then 1 else 0 end) as in_link_file
    from candidates
    group by moj_uid

),

final as (

    select
        people.moj_uid,
        case when decided.n_best = 1 then decided.best_pupil_id end as pupil_id,
        case
            when decided.moj_uid is null then 'no_pupil'
            when decided.n_best > 1 then 'ambiguous'
            when decided.n_pupil_ids > 1 then 'most_evidence'
            when decided.in_link_file = 1 then 'link_file'
            else 'other_tables'
        end as resolution,
        cast(coalesce(decided.n_pupil_ids, 0) as integer) as n_pupil_ids,
        people.is_in_pnc,
        people.is_in_courts,
        people.is_in_prisons
    from people
    left join decided on people.moj_uid = decided.moj_uid

)

select * from final
