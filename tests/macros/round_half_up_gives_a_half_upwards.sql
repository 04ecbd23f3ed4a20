{# Ties that the engines' own round() tells apart, numbers beside them, and what has nothing to round. #}
with

cases as (

    select * from (values
        (cast(57 as double), cast(800 as double), cast(0.0713 as double), cast(0.07 as double)),
        (1, 800, 0.0013, 0.0),
        (3, 800, 0.0038, 0.0),
        (1, 8, 0.125, 0.13),
        (-1, 8, -0.125, -0.12),
        (1, 3, 0.3333, 0.33),
        (2, 3, 0.6667, 0.67),
        (-2, 3, -0.6667, -0.67),
        (1.005, 1, 1.005, 1.01),
        (1.0049, 1, 1.0049, 1.0),
        (42, 1, 42, 42),
        (0, 1, 0, 0),
        (1, null, null, null)
    ) as v(a, b, expected_4, expected_2)

),

answers as (

    select *, {{ round_half_up('a / b', 4) }} as actual_4, {{ round_half_up('a / b', 2) }} as actual_2
    from cases

)

select * from answers
where actual_4 is distinct from expected_4 or actual_2 is distinct from expected_2
