{# One row per cleaned episode that counts as care, with its spell, its stay in one placement, and whether it began with a move.
   Grain: child_key, episode_start_date.   Population: episodes of int_care_episodes that count as care.
   Rule: a move is an episode whose reason is P or B, or, where no reason tells, whose placement code differs from the last;
   temporary placements (T0 to T4) leave the placement as it is. An episode holds its placement until it ends or the next begins. #}

with

episodes as (

    select
        child_key,
        episode_start_date,
        pupil_id,
        return_year,
        extract_shape,
        category_of_need_code,
        legal_status_code,
        placement_code,
        reason_ceased_code,
        reason_new_episode_code,
        reason_place_change_code,
        is_open,
        is_end_cut,
        is_care_start_unseen,
        is_joined_to_next,
        is_open_before_last_return,
        care_start_date,
        care_end_date
    from {{ ref('int_care_episodes') }}
    where is_care

),

spells as (

    select child_key, spell_start_date, spell_end_date from {{ ref('int_care_spells') }}

),

placements as (

    select code, code_group, is_temporary, is_superseded, valid_from, valid_to from {{ ref('cla_placement') }}

),

reasons as (

    -- S inside a spell is a new period with another authority, and says nothing of the placement before
    select code, is_placement_move from {{ ref('cla_reason_new_episode') }}

),

described as (

    select
        episodes.*,
        spells.spell_start_date,
        spells.spell_end_date,
        placements.code_group as placement_code_group,
        placements.valid_from as placement_valid_from,
        placements.valid_to as placement_valid_to,
        placements.is_superseded as is_placement_superseded,
        coalesce(placements.is_temporary, false) as is_temporary,
        reasons.is_placement_move
    from episodes
    inner join spells
        on episodes.child_key = spells.child_key
        and episodes.care_start_date >= spells.spell_start_date
        and episodes.care_start_date <= spells.spell_end_date
    left join placements on episodes.placement_code = placements.code
    left join reasons on episodes.reason_new_episode_code = reasons.code

),

placed_in_order as (

    select
        *,
        row_number() over (partition by child_key, spell_start_date order by episode_start_date nulls last) as episode_number,
        lead(episode_start_date) over (partition by child_key, spell_start_date order by episode_start_date nulls last) as next_start_date
    from described

),

compared as (

    -- among the episodes that are not temporary, the one before; a temporary stay may lie between the two
    select
        *,
        row_number() over (partition by child_key, spell_start_date, is_temporary order by episode_start_date nulls last) as number_of_its_kind,
        lag(episode_number) over (partition by child_key, spell_start_date, is_temporary order by episode_start_date nulls last) as previous_number,
        lag(placement_code) over (partition by child_key, spell_start_date, is_temporary order by episode_start_date nulls last) as previous_code,
        lag(placement_code_group) over (partition by child_key, spell_start_date, is_temporary order by episode_start_date nulls last) as previous_code_group,
        lag(placement_valid_to) over (partition by child_key, spell_start_date, is_temporary order by episode_start_date nulls last) as previous_valid_to,
        lag(is_placement_superseded) over (partition by child_key, spell_start_date, is_temporary order by episode_start_date nulls last) as previous_is_superseded
    from placed_in_order

),

changed as (

    -- an old code and the new code of the same kind of placement (Q1 and U1) are one placement coded twice; of some old codes (F1) no day of
    -- ending is known
    select
        *,
        previous_code <> placement_code
            and not coalesce(
                previous_code_group = placement_code_group
                and (previous_valid_to < placement_valid_from or previous_is_superseded <> is_placement_superseded),
                false
            ) as has_other_code,
        episode_number - previous_number > 1 as is_after_temporary
    from compared

),

moved as (

    select
        *,
        case
            when is_temporary or number_of_its_kind = 1 then false
            when is_after_temporary or is_placement_move is null then coalesce(has_other_code, false)
            else is_placement_move
        end as is_move,
        case when next_start_date < care_end_date then next_start_date else care_end_date end as placement_end_date
    from changed

),

final as (

    select
        child_key,
        episode_start_date,
        pupil_id,
        return_year,
        extract_shape,
        spell_start_date,
        spell_end_date,
        care_start_date,
        care_end_date,
        cast(episode_number as integer) as episode_number,
        cast(1 + sum(case when is_move then 1 else 0 end) over (
            partition by child_key, spell_start_date order by episode_start_date nulls last
            rows between unbounded preceding and current row
        ) as integer) as stay_number,
        is_move,
        case
            when not is_move then null
            when is_after_temporary then 'after_temporary_stay'
            when is_placement_move is null then 'other_code_without_reason'
            when reason_new_episode_code = 'B' then 'carer_and_legal_status'
            else 'carer'
        end as move_kind,
        is_temporary,
        placement_code,
        placement_code_group,
        legal_status_code,
        category_of_need_code,
        reason_new_episode_code,
        reason_ceased_code,
        reason_place_change_code,
        is_open,
        is_end_cut,
        is_care_start_unseen,
        is_joined_to_next,
        -- where the spell goes on after it, a later return took the episode up
        is_open_before_last_return and care_end_date = spell_end_date as is_lost_to_follow_up,
        placement_end_date,
        cast({{ dbt.datediff('episode_start_date', 'placement_end_date', 'day') }} as integer) as placement_days
    from moved

)

select * from final
