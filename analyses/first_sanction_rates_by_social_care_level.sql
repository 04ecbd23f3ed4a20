{# How often pupils are first sanctioned, by the highest level of social care known so far: events over time at risk, with nothing that
   happened later. One row per ages and level.
   Reads: at_risk_spells only, in stretches whose level is known.
   Look at it with `dbt show --select first_sanction_rates_by_social_care_level --limit 40`, or with `python -m synthetic.effects` (README).
   Compare levels within ages: children come to higher levels as they grow older, and offend most in their teens. #}

{%- set year = 365.25 %}
{%- set ages = [('10 to 13', 0, 4), ('14 to 17', 4, 8), ('18 and over', 8, 100), ('all ages', 0, 100)] %}

with

spells as (

    select pupil_id, social_care_level_so_far as social_care_level, start_day, stop_day, is_event
    from {{ ref('at_risk_spells') }}
    where social_care_level_so_far is not null

),

levels as (

    select level, rank from {{ ref('social_care_levels') }}

),

at_ages as (

    -- the part of each stretch that lies within the ages; the event is on the last day of its stretch
    {% for name, first, after in ages -%}
    select
        {{ loop.index }} as ages_number,
        '{{ name }}' as ages,
        pupil_id,
        social_care_level,
        least(stop_day, {{ after * year }}) - greatest(start_day, {{ first * year }}) as days,
        case when is_event and stop_day <= {{ after * year }} then 1 else 0 end as is_event
    from spells
    where start_day < {{ after * year }} and stop_day > {{ first * year }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (

    select
        at_ages.ages_number,
        at_ages.ages,
        levels.rank as social_care_level_rank,
        at_ages.social_care_level,
        count(distinct at_ages.pupil_id) as n_pupils,
        {{ round_half_up('sum(at_ages.days) / ' ~ year, 1) }} as person_years,
        sum(at_ages.is_event) as n_first_sanctions,
        {{ round_half_up('1000 * sum(at_ages.is_event) / (sum(at_ages.days) / ' ~ year ~ ')', 2) }} as first_sanctions_per_1000_years
    from at_ages
    inner join levels on at_ages.social_care_level = levels.level
    group by at_ages.ages_number, at_ages.ages, levels.rank, at_ages.social_care_level

)

select * from final
order by ages_number nulls last, social_care_level_rank nulls last
