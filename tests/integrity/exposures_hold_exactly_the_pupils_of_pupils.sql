{# Pupils in one of the two marts and not in the other. #}
with

pupils as (

    select pupil_id from {{ ref('pupils') }}

),

exposures as (

    select pupil_id from {{ ref('social_care_exposures') }}

)

select
    pupils.pupil_id is null as is_missing_in_pupils,
    exposures.pupil_id is null as is_missing_in_exposures,
    count(*) as n_pupils
from pupils
full outer join exposures on pupils.pupil_id = exposures.pupil_id
where pupils.pupil_id is null or exposures.pupil_id is null
group by pupils.pupil_id is null, exposures.pupil_id is null
