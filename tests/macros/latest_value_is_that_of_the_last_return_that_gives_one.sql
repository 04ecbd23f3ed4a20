{# A later blank erases only where it is told to, an earlier value does not win; of two in one year the smaller stands, of dates the greater, a code that says less only alone. #}
with

cases as (

    select * from (values
        (cast('later wins' as string), 2009, cast('A' as string), cast('B' as string), cast('B' as string)),
        ('later wins', 2010, 'B', 'B', 'B'),
        ('blank passed over', 2009, 'B', 'B', 'B'),
        ('blank passed over', 2010, null, 'B', 'B'),
        ('two in a year', 2010, 'C', 'C', 'D'),
        ('two in a year', 2010, 'D', 'C', 'D'),
        ('one of two in a year', 2010, null, 'E', 'E'),
        ('one of two in a year', 2010, 'E', 'E', 'E'),
        ('says less', 2010, 'A1', 'B', 'B'),
        ('says less', 2010, 'A0', 'B', 'B'),
        ('says less', 2010, 'B', 'B', 'B'),
        ('says least', 2010, 'A0', 'A1', 'A1'),
        ('says least', 2010, 'A1', 'A1', 'A1'),
        ('says less alone', 2009, 'B', 'A0', 'A0'),
        ('says less alone', 2010, 'A0', 'A0', 'A0'),
        ('none', 2010, null, null, null)
    ) as v(name, return_year, given, smaller, greater)

),

answers as (

    select name, max(smaller) as expected, {{ latest_value('given', 'return_year', last_codes=['A1', 'A0']) }} as actual
    from cases
    group by name
    union all
    select
        name || ', told',
        max(case when name not like 'blank%' then smaller end) as expected,
        {{ latest_value('given', 'return_year', is_blank_told=true, last_codes=['A1', 'A0']) }} as actual
    from cases
    group by name
    union all
    select name || ', greater', max(greater) as expected, {{ latest_value('given', 'return_year', is_greater=true) }} as actual
    from cases
    group by name
    union all
    select
        name || ', greater, told',
        max(case when name not like 'blank%' then greater end) as expected,
        {{ latest_value('given', 'return_year', is_blank_told=true, is_greater=true) }} as actual
    from cases
    group by name

)

select * from answers
where actual is distinct from expected
