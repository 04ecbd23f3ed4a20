{# A later blank erases only where it is told to, an earlier value does not win, and of two in one year the greater stands. #}
with

cases as (

    select * from (values
        (cast('later wins' as string), 2009, cast('Z' as string), cast('A' as string)),
        ('later wins', 2010, 'A', 'A'),
        ('blank passed over', 2009, 'B', 'B'),
        ('blank passed over', 2010, null, 'B'),
        ('two in a year', 2010, 'C', 'D'),
        ('two in a year', 2010, 'D', 'D'),
        ('one of two in a year', 2010, null, 'E'),
        ('one of two in a year', 2010, 'E', 'E'),
        ('none', 2010, null, null)
    ) as v(name, return_year, given, expected)

),

answers as (

    select name, max(expected) as expected, {{ latest_value('given', 'return_year') }} as actual
    from cases
    group by name
    union all
    select
        name || ', told',
        max(case when name not like 'blank%' then expected end) as expected,
        {{ latest_value('given', 'return_year', is_blank_told=true) }} as actual
    from cases
    group by name

)

select * from answers
where actual is distinct from expected
