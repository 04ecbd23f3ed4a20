{# Numbers with and without decimals; what an engine's own cast takes for a number beyond them is none. #}
with

cases as (

    select * from (values
        (cast('20.5' as string), cast('20.5' as string)),
        (' 20.5 ', '20.5'),
        ('20', '20'),
        ('20.', '20'),
        ('.25', '0.25'),
        ('-0.75', '-0.75'),
        ('007.5', '7.5'),
        ('1.5e-01', '0.15'),
        ('2E3', '2000'),
        ('NaN', null),
        ('nan', null),
        ('inf', null),
        ('-Infinity', null),
        ('1_000.5', null),
        ('1,000.5', null),
        ('20,5', null),
        ('20.5d', null),
        ('20.5.1', null),
        ('1e', null),
        ('.', null),
        ('1e999', null),
        ('', null),
        (' ', null),
        (null, null)
    ) as v(delivered, expected)

),

answers as (

    select delivered, expected, {{ clean_decimal('delivered') }} as actual
    from cases

)

select delivered, cast(expected as double) as expected, actual
from answers
where actual is distinct from cast(expected as double)
