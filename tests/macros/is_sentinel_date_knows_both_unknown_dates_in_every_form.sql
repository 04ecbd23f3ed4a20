{# Only 1 January of 1800 and of 1900 stand for unknown, in every form in which clean_date reads a date. #}
with

cases as (

    select * from (values
        (cast('1800-01-01' as string), cast('true' as string)),
        ('1900-01-01', 'true'),
        ('01/01/1800', 'true'),
        ('01/01/1900', 'true'),
        ('1/1/1900', 'true'),
        ('01JAN1900', 'true'),
        ('01jan1800', 'true'),
        ('1900-01-01 00:00:00', 'true'),
        ('01/01/1900 00:00:00', 'true'),
        ('1/1/1800', 'true'),
        (' 1900-01-01 ', 'true'),
        ('1900-01-01T00:00:00', 'true'),
        ('01/1/1900', 'true'),
        ('1/01/1900', 'true'),
        ('1/1/1900 00:00:00', 'true'),
        ('1/1/1800 00:00', 'true'),
        ('2011-09-03', 'false'),
        ('1900-01-02', 'false'),
        ('11/01/1900', 'false'),
        ('01/11/1900', 'false'),
        ('01FEB1900', 'false'),
        ('1901-01-01', 'false'),
        ('', 'false'),
        (null, 'false'),
        ('unknown', 'false'),
        ('01/01/19000', 'false')
    ) as v(delivered, expected)

),

answers as (

    select delivered, expected, coalesce({{ is_sentinel_date('delivered') }}, false) as actual
    from cases

)

select delivered, cast(expected as boolean) as expected, actual
from answers
where actual is distinct from cast(expected as boolean)
