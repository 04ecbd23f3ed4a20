{# Minor groups whose pupils are not all in the major group that the look-up gives for them. #}
with

pupils as (

    select distinct ethnicity_minor_code, ethnicity_minor_label, ethnicity_major_code, ethnicity_major_label
    from {{ ref('pupils') }}

),

minor as (

    select code, code_group from {{ ref('npd_ethnicity_minor') }}

),

major as (

    select code, label from {{ ref('npd_ethnicity_major') }}

)

select pupils.*
from pupils
left join minor on pupils.ethnicity_minor_code = minor.code
left join major on minor.code_group = major.code
where (minor.code is not null and pupils.ethnicity_major_code is distinct from minor.code_group)
    or (minor.code is not null and pupils.ethnicity_major_label is distinct from major.label)
    or (minor.code is null and pupils.ethnicity_minor_code is not null and pupils.ethnicity_major_label is distinct from 'unmapped')
    or (pupils.ethnicity_minor_code is null and coalesce(pupils.ethnicity_minor_label, pupils.ethnicity_major_label) is not null)
