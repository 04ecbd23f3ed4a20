{# Ids keep letter case, inner spaces and zeros; the words for a missing value are no id, and a saved number has no decimal zero. #}
with

cases as (

    select * from (values
        (cast('06354FE362AB8227' as string), cast('06354FE362AB8227' as string)),
        ('  a b ', 'a b'),
        ('Ab', 'Ab'),
        ('203052.0', '203052'),
        (' 203052.0 ', '203052'),
        ('0012', '0012'),
        ('0', '0'),
        ('1.00', '1.00'),
        ('1.05', '1.05'),
        ('NAB1', 'NAB1'),
        ('NA', null),
        (' na ', null),
        ('N/A', null),
        ('NULL', null),
        ('NaN', null),
        ('None', null),
        ('.', null),
        ('-', null),
        ('', null),
        ('  ', null),
        (null, null)
    ) as v(delivered, expected)

),

answers as (

    select delivered, expected, {{ clean_id('delivered') }} as actual
    from cases

)

select delivered, expected, actual
from answers
where actual is distinct from expected
