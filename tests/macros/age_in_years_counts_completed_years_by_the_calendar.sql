{# The day before a birthday, the birthday, a leap day, the day of birth and a day before it. #}
with

cases as (

    select * from (values
        (cast('2000-05-01' as string), cast('2010-04-30' as string), cast(9 as integer)),
        ('2000-05-01', '2010-05-01', 10),
        ('2000-02-01', '2018-01-31', 17),
        ('2000-03-01', '2016-02-29', 15),
        ('2000-02-29', '2018-02-28', 17),
        ('2000-02-29', '2018-03-01', 18),
        ('2000-05-01', '2000-05-01', 0),
        ('2000-05-01', '2000-04-30', -1),
        ('2000-05-01', '1999-11-01', -1),
        (null, '2010-05-01', null),
        ('2000-05-01', null, null)
    ) as v(birth, day, expected)

),

answers as (

    select *, {{ age_in_years('cast(birth as date)', 'cast(day as date)') }} as actual
    from cases

)

select * from answers
where actual is distinct from expected
