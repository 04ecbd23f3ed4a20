{# One row per area, social care level, sex, birth cohort and outcome: pupils and cases.
   Grain: area_basis, area_code, social_care_level, sex_code, cohort_academic_year, outcome.
   Population: pupils with a known level, an area on that basis and a known outcome. Sex and cohort may be unknown; they
   are strata of their own then. The area `england` is the nation, where a child of two authorities counts once.
   Rule: an outcome of justice is known of pupils followed from 10 to 18 and without an ambiguous link alone; suspensions,
   exclusions and absence of pupils alone whose Year 11 is over. #}

with

pupils as (

    -- the wide table has what is wanted of four marts, joined once already
    select * from {{ ref('pupil_analysis') }} where social_care_level is not null

),

areas as (

    select * from {{ ref('int_pupil_areas') }}

),

{% set everybody, left_school, followed = 'true', 'is_year_11_over', 'is_followed_to_18 and has_ambiguous_link = false' -%}
{% set outcomes = {
    'any_sanction': ('n_sanctions > 0', followed),
    'custody': ("most_severe_disposal = 'custodial'", followed),
    'serious_violence': ('ever_serious_violence', followed),
    'level2_english_maths': ('achieved_level2_english_maths', everybody),
    'suspended': ('ever_suspended', left_school),
    'excluded': ('ever_permanently_excluded', left_school),
    'persistently_absent': ('ever_persistently_absent', left_school),
} -%}

pupil_outcomes as (

    -- 1 for a case, 0 for none, NULL where it is not known
    select
        pupil_id,
        social_care_level,
        coalesce(sex_code, 'unknown') as sex_code,
        coalesce(cohort_academic_year, 'unknown') as cohort_academic_year,
        {% for outcome, (is_case, can_be_told) in outcomes.items() -%}
        case when {{ can_be_told }} then cast({{ is_case }} as integer) end as {{ outcome }}{{ ',' if not loop.last }}
        {% endfor %}
    from pupils

),

strata as (

    -- wide while there are many rows, long once there are few
    select
        areas.area_basis,
        areas.area_code,
        areas.is_counted_nationally,
        pupil_outcomes.social_care_level,
        pupil_outcomes.sex_code,
        pupil_outcomes.cohort_academic_year,
        {% for outcome in outcomes -%}
        count(pupil_outcomes.{{ outcome }}) as pupils_{{ outcome }},
        sum(pupil_outcomes.{{ outcome }}) as cases_{{ outcome }}{{ ',' if not loop.last }}
        {% endfor %}
    from areas
    inner join pupil_outcomes on areas.pupil_id = pupil_outcomes.pupil_id
    group by
        areas.area_basis, areas.area_code, areas.is_counted_nationally, pupil_outcomes.social_care_level,
        pupil_outcomes.sex_code, pupil_outcomes.cohort_academic_year

),

long as (

    {% for outcome in outcomes -%}
    select
        area_basis, area_code, is_counted_nationally, social_care_level, sex_code, cohort_academic_year,
        '{{ outcome }}' as outcome, pupils_{{ outcome }} as n_pupils, cases_{{ outcome }} as n_cases
    from strata
    where pupils_{{ outcome }} > 0
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

of_areas as (

    select area_basis, area_code, social_care_level, sex_code, cohort_academic_year, outcome,
        sum(n_pupils) as n_pupils, sum(n_cases) as n_cases
    from long
    group by area_basis, area_code, social_care_level, sex_code, cohort_academic_year, outcome

),

of_the_nation as (

    select area_basis, social_care_level, sex_code, cohort_academic_year, outcome,
        sum(n_pupils) as n_pupils, sum(n_cases) as n_cases
    from long
    where is_counted_nationally
    group by area_basis, social_care_level, sex_code, cohort_academic_year, outcome

),

final as (

    select
        area_basis, area_code, social_care_level, sex_code, cohort_academic_year, outcome,
        cast(n_pupils as bigint) as n_pupils, cast(n_cases as bigint) as n_cases
    from of_areas
    union all
    select
        area_basis, 'england' as area_code, social_care_level, sex_code, cohort_academic_year, outcome,
        cast(n_pupils as bigint) as n_pupils, cast(n_cases as bigint) as n_cases
    from of_the_nation

)

select * from final
