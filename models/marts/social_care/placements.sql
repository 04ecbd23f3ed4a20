{# One row per stay in one placement within a spell of care; changes of legal status do not divide it.
   Grain: child_key, spell_start_date, stay_number.   Population: spells of care_spells. #}

with

stays as (

    select * from {{ ref('int_care_placements') }}

),

spells as (

    select child_key, spell_start_date, is_first_placement_start_unseen from {{ ref('int_care_spells_described') }}

),

births as (

    select child_key, notional_birth_date from {{ ref('int_child_attributes_resolved') }}

),

placement_codes as (

    select code, label
    from {{ ref('cla_placement') }}

),

reasons as (

    select code, label
    from {{ ref('cla_reason_place_change') }}

),

final as (

    select
        stays.child_key,
        stays.spell_start_date,
        stays.stay_number,
        stays.pupil_id,
        stays.placement_start_date,
        stays.placement_end_date,
        stays.days_in_placement,
        stays.days_away_temporarily,
        {{ age_in_years('births.notional_birth_date', 'stays.placement_start_date') }} as age_at_start,
        stays.n_episodes,

        stays.placement_code,
        case when stays.placement_code is not null then coalesce(placement_codes.label, 'unmapped') end as placement_label,
        case when stays.placement_code is not null then coalesce(stays.placement_code_group, 'unmapped') end as placement_code_group,
        stays.placement_group,

        stays.move_kind_after,
        stays.reason_place_change_code,
        case when stays.reason_place_change_code is not null then coalesce(reasons.label, 'unmapped') end as reason_place_change_label,
        stays.is_open,
        case
            when not stays.has_all_episodes or stays.has_closed_gap then 'lower_bound'
            when (stays.is_open or stays.is_end_cut)
                and coalesce(stays.placement_end_date < {{ childhood_end_date('births.notional_birth_date') }}, true) then 'lower_bound'
            when stays.stay_number = 1 and spells.is_first_placement_start_unseen then 'lower_bound'
            else 'exact'
        end as days_exactness
    from stays
    inner join spells on stays.child_key = spells.child_key and stays.spell_start_date = spells.spell_start_date
    left join births on stays.child_key = births.child_key
    left join placement_codes on stays.placement_code = placement_codes.code
    left join reasons on stays.reason_place_change_code = reasons.code

)

select * from final
