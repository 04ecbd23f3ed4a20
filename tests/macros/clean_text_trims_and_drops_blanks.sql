{# Text keeps its inner spaces and letter case; nothing but spaces is missing. #}
with

cases as (

    select * from (values
        (cast('a' as varchar), cast('a' as varchar)),
        ('  a b ', 'a b'),
        ('Ab', 'Ab'),
        ('', null),
        (' ', null),
        ('     ', null),
        (null, null),
        ('0', '0'),
        ('-', '-')
    ) as v(delivered, expected)

),

answers as (

    select delivered, expected, {{ clean_text('delivered') }} as actual
    from cases

)

select delivered, cast(expected as varchar) as expected, actual
from answers
where actual is distinct from cast(expected as varchar)
