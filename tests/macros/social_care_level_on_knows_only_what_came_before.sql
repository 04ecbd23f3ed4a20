{# The day itself counts, the day before does not; a day not known, or before the returns, gives no level; what is not supplied is not told. #}
with

exposures as (

    select * from (values
        -- a child whose level rose year by year, and whose care was known before the plan
        (
            cast('all' as string), cast('2008-04-01' as date), true, true, cast('2010-06-01' as date), cast('2010-07-01' as date),
            cast('2012-03-31' as date), cast('2011-02-28' as date)
        ),
        ('never', cast('2008-04-01' as date), false, false, null, null, null, null),
        ('not_at_school', null, false, false, null, null, null, null),
        ('met_later', null, false, true, cast('2010-06-01' as date), cast('2010-07-01' as date), null, null),
        ('without_cin', null, true, cast(null as boolean), cast('2011-02-28' as date), null, null, cast('2011-02-28' as date)),
        ('without_cla', null, cast(null as boolean), true, cast('2010-06-01' as date), cast('2010-07-01' as date), null, null)
    ) as v(
        child, no_contact_from_date, ever_child_looked_after, ever_child_in_need, first_contact_date, child_in_need_confirmed_date,
        first_child_protection_plan_date, first_care_date
    )

),

cases as (

    select * from (values
        (cast('all' as string), cast('2010-05-31' as date), cast('no_contact' as string)),
        ('all', cast('2010-06-01' as date), 'referral_only'),
        ('all', cast('2010-07-01' as date), 'child_in_need'),
        ('all', cast('2011-02-27' as date), 'child_in_need'),
        ('all', cast('2011-02-28' as date), 'child_looked_after'),
        ('all', cast('2013-01-01' as date), 'child_looked_after'),
        ('all', null, null),
        ('never', cast('2013-01-01' as date), 'no_contact'),
        ('never', cast('2008-04-01' as date), 'no_contact'),
        ('never', cast('2008-03-31' as date), null),
        ('not_at_school', cast('2013-01-01' as date), null),
        ('met_later', cast('2010-05-31' as date), null),
        ('met_later', cast('2010-06-01' as date), 'referral_only'),
        ('without_cin', cast('2011-02-27' as date), null),
        ('without_cin', cast('2011-02-28' as date), 'child_looked_after'),
        ('without_cla', cast('2013-01-01' as date), null)
    ) as v(child, day, expected)

),

answers as (

    select cases.child, cases.day, cases.expected, {{ social_care_level_on('cases.day', 'exposures') }} as actual
    from cases
    inner join exposures on cases.child = exposures.child

)

select * from answers
where actual is distinct from expected
