{#
    The highest level of social care known on a day, with nothing that happened later: for the start of follow-up of any cohort.
    Arguments: day, SQL of a date; exposures, the name under which the query reads `social_care_exposures`.
    Returns: text, a level of the seed social_care_levels; NULL where the day is, or where the tables supplied cannot tell.

        select {{ social_care_level_on(birthday('pupils.notional_birth_date', 10), 'exposures') }} as level_at_10
        from pupils inner join social_care_exposures as exposures on pupils.pupil_id = exposures.pupil_id
#}
{% macro social_care_level_on(day, exposures) -%}
    case
        when {{ day }} is null then null
        when {{ exposures }}.first_care_date <= {{ day }} then 'child_looked_after'
        when {{ exposures }}.ever_child_looked_after is null or {{ exposures }}.ever_child_in_need is null then null
        when {{ exposures }}.first_child_protection_plan_date <= {{ day }} then 'child_protection_plan'
        when {{ exposures }}.first_child_in_need_date <= {{ day }} then 'child_in_need'
        when {{ exposures }}.first_contact_date <= {{ day }} then 'referral_only'
        when {{ exposures }}.social_care_level is not null then 'no_contact'
    end
{%- endmacro %}
