{# Pupils with more days in care than there are between their first and last, or whose dates are in the wrong order. #}
with

exposures as (

    select pupil_id, first_care_date, last_care_date, care_days_observed, n_care_episodes_observed
    from {{ ref('social_care_exposures') }}

)

select *
from exposures
where first_care_date > last_care_date
    or care_days_observed > {{ dbt.datediff('first_care_date', 'last_care_date', 'day') }}
    or care_days_observed < 0
    or (n_care_episodes_observed > 0 and (first_care_date is null or last_care_date is null or care_days_observed is null))
    or (n_care_episodes_observed = 0 and (first_care_date is not null or care_days_observed is not null))
