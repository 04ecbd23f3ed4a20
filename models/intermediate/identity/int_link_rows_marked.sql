{# One row per delivered pair of a person of the justice data and a pupil, with what becomes of it.
   Grain: none, as delivered.   Rule: the first rule of the seed ledger_rules that applies, in the order below. #}

with

delivered as (

    select * from {{ ref('stg_links__pupil_offender') }}

),

numbered as (

    select
        *,
        row_number() over (partition by moj_uid, pupil_id order by source_file nulls last) as place
    from delivered

),

final as (

    select
        source_file,
        case
            when is_malformed_row then 'malformed_row'
            when moj_uid is null or pupil_id is null then 'no_identifier'
            when place > 1 then 'exact_duplicate'
            else 'used'
        end as ledger_rule_id,
        moj_uid,
        pupil_id
    from numbered

)

select * from final
