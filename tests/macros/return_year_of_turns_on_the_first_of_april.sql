{# 31 March is the last day of its return year, leap days and the turn of the calendar year included. #}
with

cases as (

    select * from (values
        (cast('2010-03-31' as date), cast(2010 as integer)),
        (cast('2010-04-01' as date), 2011),
        (cast('2010-12-31' as date), 2011),
        (cast('2011-01-01' as date), 2011),
        (cast('2012-02-29' as date), 2012),
        (cast(null as date), null)
    ) as v(day, expected)

),

answers as (

    select *, {{ return_year_of('day') }} as actual
    from cases

)

select * from answers
where actual is distinct from expected
