{# Yes and no in every spelling seen; anything else is missing, never false. #}
with

cases as (

    select * from (values
        (cast('1' as string), cast('true' as string)),
        ('1.0', 'true'),
        ('true', 'true'),
        ('TRUE', 'true'),
        ('True', 'true'),
        ('t', 'true'),
        ('T', 'true'),
        ('y', 'true'),
        ('Y', 'true'),
        ('yes', 'true'),
        ('Yes', 'true'),
        ('YES', 'true'),
        (' 1 ', 'true'),
        (' y ', 'true'),
        ('0', 'false'),
        ('0.0', 'false'),
        ('false', 'false'),
        ('FALSE', 'false'),
        ('f', 'false'),
        ('F', 'false'),
        ('n', 'false'),
        ('N', 'false'),
        ('no', 'false'),
        ('No', 'false'),
        (' 0 ', 'false'),
        ('', null),
        ('  ', null),
        (null, null),
        ('2', null),
        ('-1', null),
        ('1.5', null),
        ('01', null),
        ('10', null),
        ('unknown', null),
        ('ja', null),
        ('1.00', null),
        ('9', null)
    ) as v(delivered, expected)

),

answers as (

    select delivered, expected, {{ clean_flag('delivered') }} as actual
    from cases

)

select delivered, cast(expected as boolean) as expected, actual
from answers
where actual is distinct from cast(expected as boolean)
