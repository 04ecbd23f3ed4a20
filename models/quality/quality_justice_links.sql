{# One row per justice table, calendar year and way in which the person key met a pupil: rows and people.
   Grain: source_table, record_year, resolution.
   Population: every well-formed row of the justice tables that names a person. #}

with

records as (

    select 'pnc.offences' as source_table, record_year, moj_uid, ledger_rule_id from {{ ref('int_pnc_rows_marked') }}
    union all
    select 'courts.magistrates' as source_table, record_year, moj_uid, ledger_rule_id from {{ ref('int_magistrates_rows_marked') }}
    union all
    select 'courts.crown' as source_table, record_year, moj_uid, ledger_rule_id from {{ ref('int_crown_rows_marked') }}
    union all
    select 'prisons.custody' as source_table, record_year, moj_uid, ledger_rule_id from {{ ref('int_custody_rows_marked') }}

),

people as (

    select moj_uid, resolution from {{ ref('int_moj_uids_resolved') }}

),

final as (

    select
        records.source_table,
        records.record_year,
        people.resolution,
        people.resolution in ('link_file', 'other_tables', 'most_evidence') as is_linked,
        cast(count(*) as bigint) as n_rows,
        cast(count(distinct records.moj_uid) as bigint) as n_people
    from records
    inner join people on records.moj_uid = people.moj_uid
    where records.ledger_rule_id <> 'malformed_row'
    group by records.source_table, records.record_year, people.resolution

)

select * from final
