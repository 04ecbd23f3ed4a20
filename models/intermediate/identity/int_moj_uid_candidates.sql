{# One row per person key of the justice data and pupil that any table pairs it with, with the evidence for the pair.
   Grain: moj_uid, pupil_id.   Population: pairs on used rows of the link file and on rows of the PNC, the school census, CLA and CIN.
   Rule: a pair that the link file has goes before one that it has not; then the one that more kinds of table have (link
   file; PNC; school census, CLA and CIN as one kind). Pairs that are level share their place. A row of CLA or CIN
   without a pupil id pairs the key with the one drawn down. #}

with

pairs as (

    select distinct moj_uid, pupil_id, 'link_file' as kind
    from {{ ref('int_link_rows_marked') }}
    where ledger_rule_id = 'used'
    union all
    select distinct moj_uid, pupil_id, 'pnc' as kind
    from {{ ref('stg_pnc__offences') }}
    where moj_uid is not null and pupil_id is not null
    union all
    select distinct moj_uid, pupil_id, 'education' as kind
    from (
        select moj_uid, pupil_id from {{ ref('stg_npd__school_census') }}
        union all
        select moj_uid, pupil_id from {{ ref('int_cla_rows_identified') }}
        union all
        select moj_uid, pupil_id from {{ ref('int_cin_rows_identified') }}
    ) as returned
    where moj_uid is not null and pupil_id is not null

),

evidence as (

    select
        moj_uid,
        pupil_id,
        max(case when kind = 'link_file' then 1 else 0 end) as in_link_file,
        count(*) as n_kinds
    from pairs
    group by moj_uid, pupil_id

),

final as (

    select
        moj_uid,
        pupil_id,
        in_link_file = 1 as is_in_link_file,
        cast(n_kinds as integer) as n_kinds_of_evidence,
        cast(rank() over (partition by moj_uid order by in_link_file desc nulls last, n_kinds desc nulls last) as integer) as evidence_place
    from evidence

)

select * from final
