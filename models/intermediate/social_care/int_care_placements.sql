{# One row per stay of a child in one placement within a spell of care.
   Grain: child_key, spell_start_date, stay_number.   Population: episodes that count as care.
   Rule: episodes follow one another in a stay until a move; a stay has the placement of its first episode that is not temporary. #}

with

episodes as (

    select * from {{ ref('int_care_episodes_in_spells') }}

),

groups as (

    select code_group, placement_group from {{ ref('care_placement_groups') }}

),

numbered as (

    select
        *,
        row_number() over (
            partition by child_key, spell_start_date, stay_number order by is_temporary nulls last, episode_start_date nulls last
        ) as place_in_stay,
        row_number() over (
            partition by child_key, spell_start_date, stay_number order by episode_start_date desc nulls last
        ) as place_from_last
    from episodes

),

stays as (

    select
        child_key,
        spell_start_date,
        stay_number,
        min(pupil_id) as pupil_id,
        min(spell_end_date) as spell_end_date,
        min(episode_start_date) as placement_start_date,
        max(placement_end_date) as placement_end_date,
        sum(placement_days) as days_in_placement,
        sum(case when is_temporary then placement_days else 0 end) as days_away_temporarily,
        count(*) as n_episodes,
        max(case when place_in_stay = 1 then placement_code end) as placement_code,
        max(case when place_in_stay = 1 then placement_code_group end) as placement_code_group,
        max(move_kind) as move_kind_before,
        -- SSDA903: the reason for a change stands on the episode that it ends
        max(case when place_from_last = 1 then reason_place_change_code end) as reason_place_change_code,
        max(case when place_from_last = 1 and is_open then 1 else 0 end) = 1 as is_open,
        max(case when place_from_last = 1 and is_end_cut then 1 else 0 end) = 1 as is_end_cut,
        max(case when extract_shape = 'all_episodes' then 0 else 1 end) = 0 as has_all_episodes,
        max(case when is_joined_to_next then 1 else 0 end) = 1 as has_closed_gap
    from numbered
    group by child_key, spell_start_date, stay_number

),

final as (

    select
        stays.child_key,
        stays.spell_start_date,
        stays.stay_number,
        stays.pupil_id,
        stays.spell_end_date,
        stays.placement_start_date,
        stays.placement_end_date,
        cast(stays.days_in_placement as integer) as days_in_placement,
        cast(stays.days_away_temporarily as integer) as days_away_temporarily,
        cast(stays.n_episodes as integer) as n_episodes,
        stays.placement_code,
        stays.placement_code_group,
        case
            when stays.placement_code is null then 'unknown'
            else coalesce(groups.placement_group, 'other')
        end as placement_group,
        lead(stays.move_kind_before) over (
            partition by stays.child_key, stays.spell_start_date order by stays.stay_number nulls last
        ) as move_kind_after,
        stays.reason_place_change_code,
        stays.is_open,
        stays.is_end_cut,
        stays.has_all_episodes,
        stays.has_closed_gap
    from stays
    left join groups on stays.placement_code_group = groups.code_group

)

select * from final
