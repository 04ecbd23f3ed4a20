{# Text keeps its inner spaces and letter case; nothing but spaces is missing. #}
with

cases as (

    select * from (values
        (cast('a' as string), cast('a' as string)),
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

select delivered, cast(expected as string) as expected, actual
from answers
where actual is distinct from cast(expected as string)
