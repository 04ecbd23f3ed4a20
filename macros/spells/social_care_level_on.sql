{#
    The highest level of social care known on a day, with nothing that happened later: for the start of follow-up of any cohort.
    A referral is one of need from the 31 March that finds the child in need. No contact is told from the first day that both
    returns cover, and of pupils of the education data alone: others are in the data only because contact came, later. Before that
    day only contacts that lasted into the returns are told, so a cohort whose levels are compared begins no earlier.
    Arguments: day, SQL of a date; exposures, the name under which the query reads `social_care_exposures`.
    Returns: text, a level of the seed social_care_levels; NULL where the day is, or where the tables supplied cannot tell.

        select {{ social_care_level_on(birthday('pupils.notional_birth_date', 10), 'exposures') }} as level_at_10
        from pupils inner join social_care_exposures as exposures on pupils.pupil_id = exposures.pupil_id
#}
{% macro social_care_level_on(day, exposures) -%}
    {{ highest_level_where(
        contact=exposures ~ '.first_contact_date <= ' ~ day,
        need=exposures ~ '.child_in_need_confirmed_date <= ' ~ day,
        plan=exposures ~ '.first_child_protection_plan_date <= ' ~ day,
        care=exposures ~ '.first_care_date <= ' ~ day,
        no_contact=exposures ~ '.no_contact_from_date <= ' ~ day,
        is_untold=day ~ ' is null or ' ~ exposures ~ '.ever_child_looked_after is null or ' ~ exposures ~ '.ever_child_in_need is null'
    ) }}
{%- endmacro %}


{#
    The ladder of levels: the highest whose condition holds. Care is sure wherever it was seen; the levels below need both sources.
    Arguments: contact, need, plan and care, SQL of booleans, whether the child reached each; no_contact, SQL of a boolean, whether a
    child who reached none is known to have had no contact; is_untold, SQL of a boolean, whether the sources cannot tell of a level
    below care. Returns: text, a level of the seed social_care_levels, or NULL.
#}
{% macro highest_level_where(contact, need, plan, care, no_contact, is_untold=none) -%}
    case
        when {{ care }} then 'child_looked_after'
        {%- if is_untold %}
        when {{ is_untold }} then null
        {%- endif %}
        when {{ plan }} then 'child_protection_plan'
        when {{ need }} then 'child_in_need'
        when {{ contact }} then 'referral_only'
        when {{ no_contact }} then 'no_contact'
    end
{%- endmacro %}
