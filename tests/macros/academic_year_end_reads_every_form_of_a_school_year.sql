{# Every written form of a school or return year; halves that do not follow on each other are unreadable. #}
with

cases as (

    select * from (values
        (cast('2005/2006' as string), cast('2006' as string)),
        ('2005/06', '2006'),
        ('2005-06', '2006'),
        ('2005-2006', '2006'),
        ('200506', '2006'),
        ('20052006', '2006'),
        (' 2005/2006 ', '2006'),
        ('1999/2000', '2000'),
        ('1999/00', '2000'),
        ('199900', '2000'),
        ('19992000', '2000'),
        ('2009/10', '2010'),
        ('201920', '2020'),
        ('2005/2007', null),
        ('2005/07', null),
        ('200507', null),
        ('2006/2005', null),
        ('2005/2005', null),
        ('200505', null),
        ('2005', null),
        ('2006', null),
        ('05/06', null),
        ('0506', null),
        ('2005/6', null),
        ('20056', null),
        ('', null),
        ('  ', null),
        (null, null),
        ('unknown', null),
        ('2005/2006/2007', null),
        ('abcdef', null),
        ('abcdefgh', null),
        ('1999/99', null),
        ('199901', null),
        ('2005.6', null)
    ) as v(delivered, expected)

),

answers as (

    select delivered, expected, {{ academic_year_end('delivered') }} as actual
    from cases

)

select delivered, cast(expected as integer) as expected, actual
from answers
where actual is distinct from cast(expected as integer)
