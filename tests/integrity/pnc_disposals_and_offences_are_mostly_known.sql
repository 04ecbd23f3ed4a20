-- Unknown disposals count by the flag of conviction alone, and unknown offences are of no group: no harm while they are few.
{{ config(meta={'shows_rows': true}) }}

with

texts as (

    select distinct label from {{ ref('pnc_disposal') }}

),

codes as (

    select distinct code from {{ ref('pnc_disposal') }} where code is not null

),

judged as (

    select
        delivered.source_file,
        'DisposalText, DisposalCode' as column_names,
        'pnc_disposal' as seed_name,
        case when texts.label is null and codes.code is null then 1 else 0 end as is_unknown
    from {{ ref('stg_pnc__offences') }} as delivered
    left join texts on delivered.disposal_text = texts.label
    left join codes on delivered.disposal_code = codes.code
    where delivered.disposal_text is not null or delivered.disposal_code is not null
    union all
    select
        source_file,
        'Offence' as column_names,
        'ho_offence' as seed_name,
        case when offence_group = 'unmapped' then 1 else 0 end as is_unknown
    from {{ ref('int_pnc_rows_marked') }}
    where offence_code is not null

)

select source_file, column_names, seed_name, count(*) as n_values, sum(is_unknown) as n_unknown
from judged
group by source_file, column_names, seed_name
having count(*) >= {{ var('min_values_to_judge') }} and sum(is_unknown) > {{ var('max_unknown_share') }} * count(*)
