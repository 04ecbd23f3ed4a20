{# The day before the birthday, the birthday, a leap day, a day before birth, unknown dates. #}
with

cases as (

    select * from (values
        (cast('2000-05-01' as varchar), cast('2010-04-30' as varchar), cast('9' as varchar)),
        ('2000-05-01', '2010-05-01', '10'),
        ('2000-05-01', '2010-12-31', '10'),
        ('2000-02-29', '2010-02-28', '9'),
        ('2000-02-29', '2010-03-01', '10'),
        ('2000-05-01', '2000-04-30', '-1'),
        (null, '2010-05-01', null),
        ('2000-05-01', null, null)
    ) as v(birth, delivered, expected)

),

answers as (

    select birth, delivered, expected, cast({{ age_in_years('cast(birth as date)', 'cast(delivered as date)') }} as varchar) as actual
    from cases

)

select birth, delivered, cast(expected as varchar) as expected, actual
from answers
where actual is distinct from cast(expected as varchar)
