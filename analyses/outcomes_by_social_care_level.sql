{# The first research question of the Data Explained: attainment, engagement and contact with criminal justice by the highest level of social
   care ever reached. One row per outcome: its value at each of the five levels, and the number of pupils that it rests on.
   Reads: marts only.   Look at it with `dbt show --select outcomes_by_social_care_level --limit 40`, or with `python -m synthetic.effects` (README).
   Population: pupils with a known level whose childhood both returns could see for min_years_seen years or more, so that no contact
   is more than not looked; of these, for each outcome, the pupils of whom it is known. Attainment and engagement: pupils whose Year 11
   is over, since whoever is still at school may yet be suspended. Justice: pupils followed to 18 and without an ambiguous link.
   The level is that of the whole childhood, so it may be later than the outcome, and pupils at higher levels differ in much else: read
   the differences as description. Rates in time, with the level known so far, are in first_sanction_rates_by_social_care_level. #}

{%- set min_years_seen = 5 %}
{%- set levels = ['no_contact', 'referral_only', 'child_in_need', 'child_protection_plan', 'child_looked_after'] %}
{%- set school, justice = 'is_year_11_over', 'is_followed_to_18 and has_ambiguous_link = false' %}
{%- set outcomes = [
    ('attainment', 'level 2 with English and maths', 'per cent', 'achieved_level2_english_maths', school),
    ('attainment', 'five good passes with English and maths', 'per cent', 'achieved_five_good_passes_english_maths', school),
    ('attainment', 'any pass', 'per cent', 'achieved_any_pass', school),
    ('engagement', 'unauthorised absence in secondary school', 'sessions per pupil', 'n_secondary_unauthorised_absence', school),
    ('engagement', 'unauthorised absence in secondary school', 'per cent of sessions', 'secondary_unauthorised_absence_rate', school),
    ('engagement', 'ever persistently absent', 'per cent', 'ever_persistently_absent', school),
    ('engagement', 'ever suspended', 'per cent', 'ever_suspended', school),
    ('engagement', 'sessions lost to suspensions', 'sessions per pupil', 'n_suspension_sessions_lost', school),
    ('engagement', 'ever permanently excluded', 'per cent', 'ever_permanently_excluded', school),
    ('engagement', 'ever in alternative provision', 'per cent', 'ever_in_alternative_provision', school),
    ('justice', 'convictions: none', 'per cent', "convictions = 'none'", justice),
    ('justice', 'convictions: one', 'per cent', "convictions = 'one'", justice),
    ('justice', 'convictions: two or more', 'per cent', "convictions = 'two_or_more'", justice),
    ('justice', 'most severe disposal: caution', 'per cent', "most_severe_disposal = 'caution'", justice),
    ('justice', 'most severe disposal: non-custodial', 'per cent', "most_severe_disposal = 'non_custodial'", justice),
    ('justice', 'most severe disposal: custodial', 'per cent', "most_severe_disposal = 'custodial'", justice),
    ('justice', 'cautions and convictions', 'sanctions per pupil', 'n_sanctions', justice),
    ('justice', 'any sanctioned serious violence', 'per cent', 'ever_serious_violence', justice),
    ('justice', 'ever in custody', 'per cent', 'n_receptions > 0', justice),
] %}

with

pupils as (

    select *
    from {{ ref('pupil_analysis') }}
    where social_care_level is not null
        and n_childhood_years_cla_could_see >= {{ min_years_seen }}
        and n_childhood_years_cin_could_see >= {{ min_years_seen }}

),

answers as (

    {% for section, outcome, unit, value, condition in outcomes -%}
    select
        {{ loop.index }} as outcome_number,
        '{{ section }}' as section,
        '{{ outcome }}' as outcome,
        '{{ unit }}' as unit,
        social_care_level,
        {% if unit == 'per cent' -%}
        case when {{ value }} then 100.0 when not ({{ value }}) then 0.0 end as answer
        {%- else -%}
        {{ '100.0 * ' if unit == 'per cent of sessions' }}cast({{ value }} as double) as answer
        {%- endif %}
    from pupils
    where {{ condition }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (

    select
        outcome_number,
        section,
        outcome,
        unit,
        {% for level in levels -%}
        {{ round_half_up("avg(case when social_care_level = '" ~ level ~ "' then answer end)", 2) }} as {{ level }},
        {% endfor -%}
        {% for level in levels -%}
        count(case when social_care_level = '{{ level }}' then answer end) as n_{{ level }}{{ ',' if not loop.last }}
        {% endfor %}
    from answers
    group by outcome_number, section, outcome, unit

)

select * from final
order by outcome_number nulls last
