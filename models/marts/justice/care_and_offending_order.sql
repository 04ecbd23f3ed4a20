{# One row per pupil: which came first, social care or offending, and school exclusion or absence or offending.
   Grain: pupil_id.   Population: every pupil of `pupils`.
   Rule: the first contact with social care, and the first time at each level, against the first sanctioned offence. An order
   is NULL where either side is not known: its tables were not supplied, or no school year of the pupil was seen by the table
   of that event. A pupil of whom a side is known, and who has nothing there, is `offence_only`, `contact_only`, `event_only`
   or `neither`. #}

{%- set care = ['contact', 'child_in_need', 'child_protection_plan', 'child_looked_after'] %}
{%- set school = {
    'suspension': 'ever_suspended',
    'permanent_exclusion': 'ever_permanently_excluded',
    'persistent_absence': 'ever_persistently_absent',
} %}
{%- set kinds = ['offence', 'serious_violence'] %}

with

outcomes as (

    select
        pupil_id,
        n_sanctions > 0 as has_offence,
        ever_serious_violence as has_serious_violence,
        first_offence_date,
        is_first_offence_date_from_sentence,
        first_serious_violence_date,
        is_first_serious_violence_date_from_sentence
    from {{ ref('justice_outcomes') }}

),

exposures as (

    -- contact is known only with both tables of social care, and only of pupils who have a level
    select
        exposures.pupil_id,
        case when supplied.is_cla_supplied and supplied.is_cin_supplied then exposures.social_care_level_rank > 0 end as ever_contact,
        exposures.ever_child_in_need,
        exposures.ever_child_protection_plan,
        exposures.ever_child_looked_after
    from {{ ref('social_care_exposures') }} as exposures
    cross join {{ ref('int_tables_supplied') }} as supplied

),

level_dates as (

    select
        pupil_id,
        min(first_known_date) as contact_date,
        -- a level known to its return year alone may have begun before the first day that is known
        case
            when max(case when date_precision = 'no_later_than' then 1 else 0 end) = 1 then 'no_later_than'
            when min(earliest_date) < min(first_known_date) then 'return_year'
            else 'day'
        end as contact_precision,
        {% for level in care[1:] -%}
        min(case when level = '{{ level }}' then first_known_date end) as {{ level }}_date,
        min(case when level = '{{ level }}' then date_precision end) as {{ level }}_precision{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_social_care_level_changes') }}
    group by pupil_id

),

schooling as (

    select
        pupil_id,
        {% for event, flag in school.items() -%}
        {{ flag }},
        first_{{ event }}_date,
        first_{{ event }}_date_precision{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('education_outcomes') }}

),

school_orders as (

    select
        pupil_id,
        {% for event in school -%}
        {% set last_event = loop.last -%}
        {% for kind in kinds -%}
        max(case when event = '{{ event }}' and outcome = '{{ kind }}' then event_order end) as {{ event }}_and_{{ kind }}_order,
        max(case when event = '{{ event }}' and outcome = '{{ kind }}' then days_event_to_offence end) as days_{{ event }}_to_{{ kind }}
        {{- ',' if not (last_event and loop.last) }}
        {% endfor -%}
        {% endfor %}
    from {{ ref('int_event_orders') }}
    group by pupil_id

),

orders as (

    select
        pupil_id,
        {% for event in care -%}
        max(case when event = '{{ event }}' then event_order end) as {{ event }}_order,
        max(case when event = '{{ event }}' then days_event_to_offence end) as days_{{ event }}_to_offence{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_event_orders') }}
    where outcome = 'offence'
    group by pupil_id

),

final as (

    select
        outcomes.pupil_id,
        outcomes.first_offence_date,
        case
            when outcomes.is_first_offence_date_from_sentence then 'sentence'
            when outcomes.first_offence_date is not null then 'day'
        end as first_offence_date_precision
        {%- for event in care %},
        level_dates.{{ event }}_date as first_{{ event }}_date,
        level_dates.{{ event }}_precision as first_{{ event }}_date_precision,
        case
            when outcomes.has_offence is null or exposures.ever_{{ event }} is null then null
            when exposures.ever_{{ event }} and outcomes.has_offence
                then coalesce(replace(orders.{{ event }}_order, 'event_', 'contact_'), 'undetermined')
            when exposures.ever_{{ event }} then 'contact_only'
            when outcomes.has_offence then 'offence_only'
            else 'neither'
        end as {{ event }}_and_offence_order,
        orders.days_{{ event }}_to_offence
        {%- endfor %},
        outcomes.first_serious_violence_date,
        case
            when outcomes.is_first_serious_violence_date_from_sentence then 'sentence'
            when outcomes.first_serious_violence_date is not null then 'day'
        end as first_serious_violence_date_precision
        {%- for event, flag in school.items() %},
        schooling.first_{{ event }}_date,
        schooling.first_{{ event }}_date_precision
        {%- for kind in kinds %},
        case
            when outcomes.has_{{ kind }} is null or schooling.{{ flag }} is null then null
            when schooling.{{ flag }} and outcomes.has_{{ kind }}
                then coalesce(school_orders.{{ event }}_and_{{ kind }}_order, 'undetermined')
            when schooling.{{ flag }} then 'event_only'
            when outcomes.has_{{ kind }} then 'offence_only'
            else 'neither'
        end as {{ event }}_and_{{ kind }}_order,
        school_orders.days_{{ event }}_to_{{ kind }}
        {%- endfor %}
        {%- endfor %}
    from outcomes
    inner join exposures on outcomes.pupil_id = exposures.pupil_id
    left join level_dates on outcomes.pupil_id = level_dates.pupil_id
    left join orders on outcomes.pupil_id = orders.pupil_id
    left join schooling on outcomes.pupil_id = schooling.pupil_id
    left join school_orders on outcomes.pupil_id = school_orders.pupil_id

)

select * from final
