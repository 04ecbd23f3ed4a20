{# One row per continuous period of care: how long, how it began and ended, how often the child moved in it.
   Grain: child_key, spell_start_date.   Population: spells of care of children with and without a pupil id; respite is none by default. #}

with

spells as (

    select * from {{ ref('int_care_spells_described') }}

),

needs as (

    select code, label
    from {{ ref('cla_category_of_need') }}

),

legal_statuses as (

    select code, label
    from {{ ref('cla_legal_status') }}

),

final as (

    select
        spells.child_key,
        spells.spell_start_date,
        spells.pupil_id,
        spells.spell_number,
        spells.spell_end_date,
        spells.care_days,
        {{ age_in_years('spells.notional_birth_date', 'spells.spell_start_date') }} as age_at_start,
        {{ age_in_years('spells.notional_birth_date', 'spells.spell_end_date') }} as age_at_end,

        spells.entry_category_of_need_code,
        case when spells.entry_category_of_need_code is not null then coalesce(needs.label, 'unmapped') end as entry_category_of_need_label,
        spells.entry_legal_status_code,
        case when spells.entry_legal_status_code is not null then coalesce(legal_statuses.label, 'unmapped') end as entry_legal_status_label,

        spells.n_episodes,
        spells.n_placements,
        spells.n_moves,
        spells.first_placement_group,
        spells.last_placement_group,

        spells.spell_end_kind,
        spells.reason_ceased_code,
        spells.is_open,
        spells.is_return_home,
        spells.days_since_last_spell,

        spells.care_days_exactness,
        spells.counts_exactness
    from spells
    left join needs on spells.entry_category_of_need_code = needs.code
    left join legal_statuses on spells.entry_legal_status_code = legal_statuses.code

)

select * from final
