{# One row per pupil and school year with a suspension or permanent exclusion.
   Grain: pupil_id, academic_year_end.   Population: pupils with a used exclusion row.
   Rule: sessions lost are summed over the suspensions that state them; the others are counted. #}

with

exclusions as (

    select * from {{ ref('int_exclusion_rows_marked') }} where ledger_rule_id = 'used'

),

final as (

    select
        pupil_id,
        academic_year_end,
        cast(sum(case when exclusion_kind = 'suspension' then 1 else 0 end) as integer) as n_suspensions,
        cast(sum(case when exclusion_kind = 'suspension' then n_sessions_lost end) as integer) as n_sessions_lost,
        cast(sum(case when exclusion_kind = 'suspension' and n_sessions_lost is null then 1 else 0 end) as integer)
            as n_suspensions_without_sessions,
        cast(sum(case when exclusion_kind = 'permanent' then 1 else 0 end) as integer) as n_permanent_exclusions
    from exclusions
    group by pupil_id, academic_year_end

)

select * from final
