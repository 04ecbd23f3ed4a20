{# One row per spell of care, with what happened in it, how it began and ended, and how far its days and counts can be trusted.
   Grain: child_key, spell_start_date.   Population: spells of int_care_spells.
   Rule: days are a lower bound where the end was not seen, or where earlier episodes are in no return and no period of care
   tells when it began; counts are one too where any of it was delivered as last episodes only, or a gap in it was closed. #}

with

spells as (

    select child_key, spell_start_date, spell_end_date, pupil_id, care_days, n_episodes from {{ ref('int_care_spells') }}

),

episodes as (

    select * from {{ ref('int_care_episodes_in_spells') }}

),

stays as (

    select * from {{ ref('int_care_placements') }}

),

births as (

    select child_key, notional_birth_date from {{ ref('int_child_attributes_resolved') }}

),

span as (

    select first_date from {{ ref('int_social_care_spans') }} where source = 'cla'

),

reasons_ceased as (

    select code, code_group from {{ ref('cla_reason_ceased') }}

),

ordered as (

    -- a spell ends with the episode that ends last
    select
        *,
        row_number() over (partition by child_key, spell_start_date order by care_end_date desc nulls last, episode_start_date desc nulls last) as place_from_end
    from episodes

),

of_episodes as (

    select
        child_key,
        spell_start_date,
        max(case when episode_number = 1 then category_of_need_code end) as entry_category_of_need_code,
        max(case when episode_number = 1 then legal_status_code end) as entry_legal_status_code,
        max(case when episode_number = 1 then reason_new_episode_code end) as entry_reason_code,
        max(case when episode_number = 1 then extract_shape end) as entry_extract_shape,
        min(case when care_start_date = spell_start_date then case when is_care_start_unseen then 1 else 0 end end) = 1 as is_start_unseen,
        max(case when place_from_end = 1 then reason_ceased_code end) as reason_ceased_code,
        max(case when place_from_end = 1 and is_open then 1 else 0 end) = 1 as is_open_at_end,
        max(case when place_from_end = 1 and is_end_cut then 1 else 0 end) = 1 as is_end_cut,
        max(case when place_from_end = 1 and is_lost_to_follow_up then 1 else 0 end) = 1 as is_lost_to_follow_up,
        max(case when extract_shape = 'all_episodes' then 0 else 1 end) = 0 as has_all_episodes,
        max(case when is_joined_to_next then 1 else 0 end) = 1 as has_closed_gap
    from ordered
    group by child_key, spell_start_date

),

of_stays as (

    select
        child_key,
        spell_start_date,
        max(stay_number) as n_placements,
        min_by(placement_group, stay_number) as first_placement_group,
        max_by(placement_group, stay_number) as last_placement_group
    from stays
    group by child_key, spell_start_date

),

joined as (

    select
        spells.*,
        births.notional_birth_date,
        of_episodes.entry_category_of_need_code,
        of_episodes.entry_legal_status_code,
        of_episodes.reason_ceased_code,
        of_episodes.is_lost_to_follow_up,
        of_episodes.is_end_cut,
        of_episodes.entry_reason_code,
        of_episodes.is_start_unseen,
        of_episodes.has_all_episodes,
        of_episodes.has_closed_gap,
        of_stays.n_placements,
        of_stays.first_placement_group,
        of_stays.last_placement_group,
        coalesce(spells.spell_end_date = {{ childhood_end_date('births.notional_birth_date') }}, false) as is_ended_by_adulthood,
        of_episodes.is_open_at_end
            and coalesce(spells.spell_end_date < {{ childhood_end_date('births.notional_birth_date') }}, true) as is_open,
        -- running before the first return: where every episode is held, only a first episode with reason S shows that none is missing
        of_episodes.entry_extract_shape = 'all_episodes'
            and spells.spell_start_date < span.first_date
            and of_episodes.entry_reason_code is distinct from 'S' as is_begun_before_returns,
        lag(spells.spell_end_date) over (partition by spells.child_key order by spells.spell_start_date nulls last) as previous_end_date,
        lag(of_episodes.is_open_at_end) over (partition by spells.child_key order by spells.spell_start_date nulls last) as previous_is_open,
        row_number() over (partition by spells.child_key order by spells.spell_start_date nulls last) as spell_number
    from spells
    inner join of_episodes on spells.child_key = of_episodes.child_key and spells.spell_start_date = of_episodes.spell_start_date
    inner join of_stays on spells.child_key = of_stays.child_key and spells.spell_start_date = of_stays.spell_start_date
    left join births on spells.child_key = births.child_key
    cross join span

),

stamped as (

    select
        joined.*,
        reasons_ceased.code_group as reason_ceased_group,
        reasons_ceased.code_group = 'return_home' as is_reason_return_home,
        -- an end with reason X1 means that care goes on in an episode that is not there; one after its return was cut to the 31 March
        joined.is_open or (
            (joined.is_end_cut or coalesce(reasons_ceased.code_group = 'continues', false)) and not joined.is_ended_by_adulthood
        ) as is_end_unseen,
        -- unless a move begins its first episode, the first placement is older than the spell's first day that was delivered
        joined.is_begun_before_returns and coalesce(joined.entry_reason_code not in ('P', 'B'), true) as is_first_placement_start_unseen,
        -- a spell that seems to begin in the return year after one whose end was not seen may be the same, in another authority
        coalesce(
            previous_is_open and {{ return_year_of('spell_start_date') }} = {{ return_year_of('previous_end_date') }} + 1
            , false
        ) and not has_all_episodes as may_continue_the_last
    from joined
    left join reasons_ceased on joined.reason_ceased_code = reasons_ceased.code

),

final as (

    select
        stamped.child_key,
        stamped.spell_start_date,
        stamped.spell_end_date,
        stamped.pupil_id,
        cast(stamped.spell_number as integer) as spell_number,
        stamped.notional_birth_date,
        cast(stamped.care_days as integer) as care_days,
        cast(stamped.n_episodes as integer) as n_episodes,
        cast(stamped.n_placements as integer) as n_placements,
        cast(stamped.n_placements - 1 as integer) as n_moves,
        stamped.first_placement_group,
        stamped.last_placement_group,
        stamped.entry_category_of_need_code,
        stamped.entry_legal_status_code,
        stamped.reason_ceased_code,
        case
            when stamped.is_ended_by_adulthood then 'adulthood'
            when stamped.is_lost_to_follow_up and stamped.is_open then 'lost_to_follow_up'
            when stamped.is_open then 'open_at_end_of_extract'
            when stamped.reason_ceased_code is not null then coalesce(stamped.reason_ceased_group, 'unmapped')
        end as spell_end_kind,
        stamped.is_open,
        case when not stamped.is_open then coalesce(stamped.is_reason_return_home, false) and not stamped.is_ended_by_adulthood end as is_return_home,
        cast({{ dbt.datediff('stamped.previous_end_date', 'stamped.spell_start_date', 'day') }} as integer) as days_since_last_spell,
        stamped.has_all_episodes,
        stamped.is_first_placement_start_unseen,
        case
            when stamped.is_end_unseen or stamped.is_start_unseen or stamped.may_continue_the_last then 'lower_bound'
            else 'exact'
        end as care_days_exactness,
        case
            when stamped.has_all_episodes and not stamped.has_closed_gap and not stamped.is_end_unseen and not stamped.is_begun_before_returns then 'exact'
            else 'lower_bound'
        end as counts_exactness
    from stamped

)

select * from final
