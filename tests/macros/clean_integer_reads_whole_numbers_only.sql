{# Whole numbers, also with one decimal zero; a fraction is not rounded and a code is not a number. #}
with

cases as (

    select * from (values
        (cast('3' as string), cast('3' as string)),
        ('3.0', '3'),
        (' 3 ', '3'),
        (' 3.0 ', '3'),
        ('-1', '-1'),
        ('0', '0'),
        ('0.0', '0'),
        ('10', '10'),
        ('10.0', '10'),
        ('100.0', '100'),
        ('2000', '2000'),
        ('007', '7'),
        ('3.5', null),
        ('3.05', null),
        ('', null),
        ('  ', null),
        (null, null),
        ('abc', null),
        ('3a', null),
        ('3,0', null),
        ('1 2', null),
        ('.0', null),
        ('1.0.0', null),
        ('99999999999', null),
        ('1e3', null),
        ('0x1f', null),
        ('1_000', null),
        ('true', null)
    ) as v(delivered, expected)

),

answers as (

    select delivered, expected, {{ clean_integer('delivered') }} as actual
    from cases

)

select delivered, cast(expected as integer) as expected, actual
from answers
where actual is distinct from cast(expected as integer)
