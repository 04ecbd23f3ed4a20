{# A year that is written goes before the file's, also where it cannot be read; a blank one is the single year of the file's name. #}
with

cases as (

    select * from (values
        (cast('2011/2012' as string), cast('Spring_Census_2012.txt' as string), cast('2012' as string)),
        ('2010/2011', 'Spring_Census_2012.txt', '2011'),
        ('2010/2012', 'Spring_Census_2012.txt', null),
        ('unknown', 'Spring_Census_2012.txt', null),
        ('-', 'Spring_Census_2012.txt', null),
        ('', 'Spring_Census_2012.txt', '2012'),
        ('  ', 'Exclusions_2006.csv', '2006'),
        (null, 'Absence_2006_3Term.txt.gz', '2006'),
        (null, 'Exclusions_2021.parquet', '2021'),
        (null, 'Absence_201819_3Term.txt', '2019'),
        (null, 'Absence_2018-19_3Term.txt', '2019'),
        (null, 'Spring_Census_2018-2019.txt', '2019'),
        (null, 'Spring_Census_2018_2019', '2019'),
        ('2017/2018', 'Spring_Census_2018-2019.txt', '2018'),
        (null, 'Spring_Census_2018-2020.txt', null),
        (null, 'Spring_Census_2018_01.txt', '2018'),
        (null, 'Spring_Census_201201.txt', null),
        (null, 'KS2Pupil_2002_to_2015.txt', null),
        (null, 'KS4Pupil_2002_2014.txt', null),
        (null, 'Spring_Census_20121.txt', null),
        (null, 'Spring_Census_1999.txt', null),
        (null, 'Spring_Census_spr12.txt', null),
        (null, '2012.txt', null),
        (null, null, null)
    ) as v(delivered, file_name, expected)

),

answers as (

    select delivered, file_name, cast(expected as integer) as expected, {{ academic_year_end_or_of_file('delivered', 'file_name') }} as actual
    from cases

)

select delivered, file_name, expected, actual
from answers
where actual is distinct from expected
