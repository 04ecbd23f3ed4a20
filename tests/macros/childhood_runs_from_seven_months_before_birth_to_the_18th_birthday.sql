{# Calendar months and years, not days; the project knows births by the first of the month, but a 29 February has to work too. #}
with

cases as (

    select * from (values
        (cast('2000-05-01' as string), cast('1999-10-01 2018-05-01' as string)),
        ('2000-01-01', '1999-06-01 2018-01-01'),
        ('2000-08-01', '2000-01-01 2018-08-01'),
        ('2000-09-01', '2000-02-01 2018-09-01'),
        ('2000-12-01', '2000-05-01 2018-12-01'),
        ('2000-02-29', '1999-07-29 2018-02-28'),
        (null, null)
    ) as v(delivered, expected)

),

answers as (

    select delivered, expected, cast({{ childhood_first_day('cast(delivered as date)') }} as string) || ' ' || cast({{ childhood_end_date('cast(delivered as date)') }} as string) as actual
    from cases

)

select delivered, cast(expected as string) as expected, actual
from answers
where actual is distinct from cast(expected as string)
