{# A later blank does not erase, an earlier value does not win, and of two in one year the greater stands. #}
with

cases as (

    select * from (values
        (cast('later wins' as string), 2009, cast('Z' as string), cast('A' as string)),
        ('later wins', 2010, 'A', 'A'),
        ('blank passed over', 2009, 'B', 'B'),
        ('blank passed over', 2010, null, 'B'),
        ('two in a year', 2010, 'C', 'D'),
        ('two in a year', 2010, 'D', 'D'),
        ('none', 2010, null, null)
    ) as v(name, return_year, given, expected)

),

answers as (

    select name, max(expected) as expected, {{ latest_value('given', 'return_year') }} as actual
    from cases
    group by name

)

select * from answers
where actual is distinct from expected
