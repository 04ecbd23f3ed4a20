{# A finding for every value that was lost or repaired, none for a blank or for a change of letter case, spaces or a decimal zero. #}
with

cases as (

    select * from (values
        (cast('2011-09-03' as string), cast('1' as string), cast('N1' as string), cast('N1' as string), cast(null as string)),
        (null, null, null, null, null),
        (' ', '', ' ', null, null),
        ('2011-09-03', '1', ' n1 ', 'N1', null),
        ('31/02/2010', '1', 'N1', 'N1', 'unreadable:day'),
        ('05/13/2010', '1', 'N1', 'N1', 'month_first:day'),
        ('12/31/2010 00:00:00', '1', 'N1', 'N1', 'month_first:day'),
        ('13/05/2010', '1', 'N1', 'N1', null),
        ('13/13/2010', '1', 'N1', 'N1', 'unreadable:day'),
        ('1900-01-01', '1', 'N1', 'N1', 'sentinel:day'),
        ('01jan1800', '1', 'N1', 'N1', 'sentinel:day'),
        ('2011-09-03', '3.5', 'N1', 'N1', 'unreadable:number'),
        ('2011-09-03', '1', 'a1', 'N1', 'recoded:code'),
        ('2011-09-03', '1.0', '4.0', '4', null),
        ('2011-09-03', '1', 'n/a', null, 'recoded:code'),
        ('03/09/11', 'x', 'A1', 'N1', 'unreadable:day,unreadable:number,recoded:code')
    ) as v(raw_day, raw_number, raw_code, code, expected)

),

typed as (

    select *, {{ clean_date('raw_day') }} as day, {{ clean_integer('raw_number') }} as number from cases

),

answers as (

    select
        *,
        {{ value_findings(dates={'day': 'raw_day'}, values={'number': 'raw_number'}, codes={'code': 'raw_code'}) }} as actual
    from typed

)

select raw_day, raw_number, raw_code, expected, actual
from answers
where actual is distinct from expected
