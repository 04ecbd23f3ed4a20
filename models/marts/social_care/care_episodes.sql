{# One row per cleaned episode of care: when, where, under what law and why, in codes and words.
   Grain: child_key, episode_start_date.   Population: every cleaned episode of the looked-after return, with or without a pupil id, respite included.
   Rule: a code is valid on the day the episode began or, the reason it ceased, on the day it ended; a code used outside its validity
   keeps its label, and is named. #}

{%- set lookups = {
    'category_of_need': 'cla_category_of_need', 'legal_status': 'cla_legal_status', 'placement': 'cla_placement',
    'reason_new_episode': 'cla_reason_new_episode', 'reason_ceased': 'cla_reason_ceased'
} %}

with

episodes as (

    select * from {{ ref('int_care_episodes') }}

),

in_spells as (

    select child_key, episode_start_date, spell_start_date, stay_number, is_move, is_lost_to_follow_up from {{ ref('int_care_episodes_in_spells') }}

),

{% for name, lookup in lookups.items() -%}
{{ name }} as (

    select code, label, code_group, valid_from, valid_to from {{ ref(lookup) }}

),

{% endfor -%}

final as (

    select
        episodes.child_key,
        episodes.episode_start_date,
        episodes.pupil_id,
        episodes.la_child_id,
        episodes.local_authority_code,
        episodes.return_year,

        episodes.episode_end_date,
        case when episodes.is_care then episodes.care_start_date end as care_start_date,
        case when episodes.is_care then episodes.care_end_date end as care_end_date,
        cast({{ dbt.datediff('episodes.episode_start_date', 'episodes.care_end_date', 'day') }} as integer) as episode_days,
        {{ age_in_years('episodes.notional_birth_date', 'episodes.episode_start_date') }} as age_at_start,

        {% for name in lookups -%}
        episodes.{{ name }}_code,
        case when episodes.{{ name }}_code is not null then coalesce({{ name }}.label, 'unmapped') end as {{ name }}_label,
        case when episodes.{{ name }}_code is not null then coalesce({{ name }}.code_group, 'unmapped') end
            as {{ name }}_group,
        {% endfor -%}
        episodes.reason_place_change_code,
        episodes.is_unaccompanied_asylum_seeker,

        episodes.is_respite,
        episodes.is_care,
        episodes.is_open,
        -- respite is in no spell: there the child's last return tells
        coalesce(
            in_spells.is_lost_to_follow_up,
            episodes.is_open_before_last_return and episodes.return_year = max(episodes.return_year) over (partition by episodes.child_key)
        ) as is_lost_to_follow_up,
        in_spells.spell_start_date,
        in_spells.stay_number,
        in_spells.is_move,

        coalesce(nullif(trim(
            case when episodes.is_pupil_id_drawn_down then 'pupil_id_drawn_down ' else '' end
            || case when episodes.is_open then 'open_to_31_march ' else '' end
            || case when episodes.is_end_cut then 'end_cut_to_return_year ' else '' end
            || case when episodes.is_start_from_period then 'start_from_period ' else '' end
            || case when episodes.is_end_from_period then 'end_from_period ' else '' end
            || case when episodes.is_joined_to_next then 'joined_to_next ' else '' end
            || case when episodes.is_care and episodes.care_start_date < episodes.episode_start_date then 'care_from_period_start ' else '' end
            || case when episodes.care_end_date < episodes.episode_end_date then 'cut_at_adulthood' else '' end
        ), ''), 'none') as repairs,
        coalesce(nullif(trim(
            ''
            {% for name in lookups -%}
            {% set day = 'episode_end_date' if name == 'reason_ceased' else 'episode_start_date' -%}
            || case when episodes.{{ day }} < {{ name }}.valid_from or episodes.{{ day }} > {{ name }}.valid_to then '{{ name }} ' else '' end
            {% endfor %}
        ), ''), 'none') as codes_outside_validity,
        case
            when (episodes.is_open or coalesce(episodes.is_end_cut, false)) and episodes.care_end_date = episodes.episode_end_date then 'lower_bound'
            else 'exact'
        end as episode_days_exactness
    from episodes
    left join in_spells
        on episodes.child_key = in_spells.child_key and episodes.episode_start_date = in_spells.episode_start_date
    {% for name in lookups -%}
    left join {{ name }} on episodes.{{ name }}_code = {{ name }}.code
    {% endfor %}
)

select * from final
