{# The year in which it ends becomes the written form, also over the turn of the century. #}
with

cases as (

    select * from (values
        (cast('2006' as string), cast('2005/2006' as string)),
        ('2000', '1999/2000'),
        (null, null)
    ) as v(delivered, expected)

),

answers as (

    select delivered, expected, {{ academic_year_label('cast(delivered as integer)') }} as actual
    from cases

)

select delivered, cast(expected as string) as expected, actual
from answers
where actual is distinct from cast(expected as string)
