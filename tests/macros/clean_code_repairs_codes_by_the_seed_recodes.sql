{# Each variable has its own repairs, found whatever the letter case, the spaces or a decimal zero; a code that no list knows is kept. #}
-- depends_on: {{ ref('recodes') }}
with

cases as (

    select * from (values
        (cast(' u1 ' as string), cast('U1' as string), cast('U1' as string), cast('U1' as string), cast('U1' as string)),
        ('1', '1', 'M', '1', '1'),
        (' male', 'MALE', 'M', 'MALE', 'MALE'),
        ('Female ', 'FEMALE', 'F', 'FEMALE', 'FEMALE'),
        ('2', '2', 'F', '2', '2'),
        ('m', 'M', 'M', 'M', 'M'),
        ('u', 'U', null, 'U', 'U'),
        ('9', '9', null, '9', '9'),
        ('wbr', 'WBR', 'WBR', 'WBRI', 'WBR'),
        ('wbri', 'WBRI', 'WBRI', 'WBRI', 'WBRI'),
        ('NA ', 'NA', 'NA', null, 'NA'),
        ('n/a', 'N/A', 'N/A', null, null),
        ('None', 'NONE', 'NONE', 'NONE', null),
        ('330.0', '330', '330', '330', '330'),
        (' 1.0 ', '1', 'M', '1', '1'),
        ('8.01', '8.01', '8.01', '8.01', '8.01'),
        ('.0', null, null, null, null),
        ('zzzz', 'ZZZZ', 'ZZZZ', 'ZZZZ', 'ZZZZ'),
        ('', null, null, null, null),
        ('  ', null, null, null, null),
        (null, null, null, null, null)
    ) as v(delivered, expected, expected_sex, expected_ethnicity, expected_abuse)

),

answers as (

    select
        *,
        {{ clean_code('delivered') }} as actual,
        {{ clean_code('delivered', 'sex') }} as actual_sex,
        {{ clean_code('delivered', 'ethnicity') }} as actual_ethnicity,
        {{ clean_code('delivered', 'cin_category_of_abuse') }} as actual_abuse
    from cases

)

select *
from answers
where actual is distinct from expected
    or actual_sex is distinct from expected_sex
    or actual_ethnicity is distinct from expected_ethnicity
    or actual_abuse is distinct from expected_abuse
