{# One row: the first and the last day that the justice data cover.
   Grain: one row.
   Rule: the first day is var pnc_first_date. The data end with the latest sentence date of the PNC in
   a calendar year that holds at least var year_min_share of the rows of its busiest year, so that a slip in one date
   moves nothing; without the PNC with the latest such completion of a court case or reception into custody. Follow-up ends
   then too, or with var justice_end_date where it is set, which changes nothing else. #}

with

ended as (

    select 'pnc' as kind, sentence_date as ended_date from {{ ref('stg_pnc__offences') }}
    union all
    select 'other' as kind, completion_date as ended_date from {{ ref('stg_courts__magistrates') }}
    union all
    select 'other' as kind, completion_date as ended_date from {{ ref('stg_courts__crown') }}
    union all
    select 'other' as kind, reception_date as ended_date from {{ ref('stg_prisons__custody') }}

),

years as (

    select
        kind,
        extract(year from ended_date) as calendar_year,
        count(*) as n_rows,
        max(ended_date) as last_date
    from ended
    where ended_date is not null
    group by kind, extract(year from ended_date)

),

compared as (

    select
        kind,
        last_date,
        n_rows,
        max(n_rows) over (partition by kind) as n_rows_busiest
    from years

),

ends as (

    select
        max(case when kind = 'pnc' then last_date end) as pnc_end_date,
        max(case when kind = 'other' then last_date end) as other_end_date
    from compared
    where n_rows >= {{ var('year_min_share') }} * n_rows_busiest

),

final as (

    select
        cast('{{ var("pnc_first_date") }}' as date) as justice_start_date,
        {% if var('justice_end_date') %}cast('{{ var("justice_end_date") }}' as date){% else %}coalesce(pnc_end_date, other_end_date){% endif %} as justice_end_date,
        coalesce(pnc_end_date, other_end_date) as data_end_date
    from ends

)

select * from final
