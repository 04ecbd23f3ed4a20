{# 2006 stands for 1 September 2005 to 31 August 2006. #}
with

cases as (

    select * from (values
        (cast('2006' as string), cast('2005-09-01 2006-08-31' as string)),
        ('2000', '1999-09-01 2000-08-31'),
        (null, null)
    ) as v(delivered, expected)

),

answers as (

    select delivered, expected, cast({{ school_year_first_day('cast(delivered as integer)') }} as string) || ' ' || cast({{ school_year_last_day('cast(delivered as integer)') }} as string) as actual
    from cases

)

select delivered, cast(expected as string) as expected, actual
from answers
where actual is distinct from cast(expected as string)
