{# One row per birth month: how many of the 18 childhood years CLA and CIN could have seen in this extract.
   Grain: notional_birth_date.   Population: birth months of the pupils of the extract.
   Rule: a return year counts if its 31 March falls from birth to the day before the birthday that ends childhood. #}

with

births as (

    select distinct notional_birth_date
    from {{ ref('int_child_attributes_resolved') }}
    where notional_birth_date is not null

),

return_years as (

    select delivered.source, delivered.return_year
    from {{ ref('int_social_care_return_years') }} as delivered
    inner join {{ ref('int_social_care_spans') }} as spans
        on delivered.source = spans.source
        and delivered.return_year >= spans.first_return_year and delivered.return_year <= spans.last_return_year

),

final as (

    select
        births.notional_birth_date,
        cast(sum(case when return_years.source = 'cla' then 1 else 0 end) as bigint) as n_years_cla,
        cast(sum(case when return_years.source = 'cin' then 1 else 0 end) as bigint) as n_years_cin
    from births
    left join return_years
        on {{ return_year_last_day('return_years.return_year') }} >= births.notional_birth_date
        and {{ return_year_last_day('return_years.return_year') }} < {{ childhood_end_date('births.notional_birth_date') }}
    group by births.notional_birth_date

)

select * from final
