{# 31 August and 1 September are in different school years, and the macro can stand inside a larger sum. #}
with

cases as (

    select * from (values
        (cast('2011-08-31' as string), cast('-1911' as string)),
        ('2011-09-01', '-1912'),
        ('2011-12-31', '-1912'),
        ('2012-01-01', '-1912'),
        ('2012-02-29', '-1912'),
        (null, null)
    ) as v(delivered, expected)

),

answers as (

    select delivered, expected, 100 - {{ school_year_end_of('cast(delivered as date)') }} as actual
    from cases

)

select delivered, cast(expected as integer) as expected, actual
from answers
where actual is distinct from cast(expected as integer)
