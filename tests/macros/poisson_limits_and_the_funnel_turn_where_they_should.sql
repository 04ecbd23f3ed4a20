{# Just around a limit; 99 is the last count of the seed, and Byar's limits of 100 are 81.36, 121.63, 71.90 and 134.94. #}
with

cases as (

    select * from (values
        (0, cast(3.6 as double), cast('inside' as string)),
        (0, 3.7, 'below_95'),
        (0, 7.0, 'below_998'),
        (0, 0.0, null),
        (1, 0.0, null),
        (1, 0.0009, 'above_998'),
        (1, 0.02, 'above_95'),
        (1, 0.03, 'inside'),
        (99, 80.4, 'above_95'),
        (99, 80.5, 'inside'),
        (100, 71.8, 'above_998'),
        (100, 72.0, 'above_95'),
        (100, 81.3, 'above_95'),
        (100, 81.4, 'inside'),
        (100, 121.5, 'inside'),
        (100, 121.7, 'below_95'),
        (100, 134.9, 'below_95'),
        (100, 135.0, 'below_998'),
        (100, null, null),
        (null, 30.0, null)
    ) as v(n, expected_cases, expected)

),

limited as (

    select cases.*, {{ poisson_limits_of('cases.n') }}
    from cases
    left join {{ ref('poisson_limits') }} as poisson_limits on cases.n = poisson_limits.n_cases

),

answers as (

    select n, expected_cases, expected, {{ funnel_position_of('expected_cases') }} as actual
    from limited

)

select * from answers
where actual is distinct from expected
