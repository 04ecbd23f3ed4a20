{# Around the smallest count and the halves; the last two cases are another room's rules. #}
with

cases as (

    select * from (values
        (10, 10, cast(0 as bigint), cast(500 as bigint), cast(null as bigint), cast(500 as bigint)),
        (10, 10, 9, 500, null, 500),
        (10, 10, 10, 500, 10, 500),
        (10, 10, 14, 505, 10, 510),
        (10, 10, 15, 504, 20, 500),
        (10, 10, 490, 500, 490, 500),
        (10, 10, 491, 500, null, 500),
        (10, 10, 0, 0, null, null),
        (5, 5, 7, 13, 5, 15),
        (6, 3, 7, 13, 6, 12)
    ) as v(smallest_count, rounding_base, n_cases, n_pupils, expected_cases, expected_pupils)

),

answers as (

    select
        *,
        {{ disclosed_cases('n_cases', 'n_pupils') }} as shown_cases,
        {{ disclosed_count('n_pupils') }} as shown_pupils
    from cases

)

select *
from answers
where shown_cases is distinct from expected_cases or shown_pupils is distinct from expected_pupils
