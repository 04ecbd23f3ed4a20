{# One row per pupil with a cleaned care episode: contact with care over the whole childhood.
   Grain: pupil_id.   Population: pupils of the looked-after return with at least one cleaned episode. #}

with

episodes as (

    select * from {{ ref('int_care_episodes') }} where pupil_id is not null

),

spells as (

    select * from {{ ref('int_care_spells') }} where pupil_id is not null

),

spells_per_pupil as (

    select
        pupil_id,
        min(spell_start_date) as first_care_date,
        max(spell_end_date) as last_care_date,
        sum(care_days) as care_days_observed
    from spells
    group by pupil_id

),

needs_per_pupil as (

    select
        pupil_id,
        min_by(category_of_need_code, episode_start_date) as first_category_of_need_code,
        max_by(category_of_need_code, episode_start_date) as last_category_of_need_code
    from episodes
    where is_care and category_of_need_code is not null
    group by pupil_id

),

episodes_per_pupil as (

    select
        pupil_id,
        max(case when is_care then 1 else 0 end) = 1 as ever_child_looked_after,
        min(case when is_respite then 1 else 0 end) = 1 as has_respite_only,
        -- an episode that does not say so is no answer
        max(cast(is_unaccompanied_asylum_seeker as integer)) = 1 as ever_unaccompanied_asylum_seeker,
        sum(case when is_care then 1 else 0 end) as n_care_episodes_observed
    from episodes
    group by pupil_id

),

final as (

    select
        episodes_per_pupil.pupil_id,
        episodes_per_pupil.ever_child_looked_after,
        episodes_per_pupil.has_respite_only,
        episodes_per_pupil.ever_unaccompanied_asylum_seeker,
        cast(episodes_per_pupil.n_care_episodes_observed as bigint) as n_care_episodes_observed,
        cast(spells_per_pupil.care_days_observed as bigint) as care_days_observed,
        spells_per_pupil.first_care_date,
        spells_per_pupil.last_care_date,
        needs_per_pupil.first_category_of_need_code,
        needs_per_pupil.last_category_of_need_code
    from episodes_per_pupil
    left join spells_per_pupil on episodes_per_pupil.pupil_id = spells_per_pupil.pupil_id
    left join needs_per_pupil on episodes_per_pupil.pupil_id = needs_per_pupil.pupil_id

)

select * from final
