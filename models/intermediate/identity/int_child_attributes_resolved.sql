{# One row per child: sex, ethnicity and birth month, one value each.
   Grain: child_key, the pupil id, or the local child id where no pupil id is known.
   Population: children of the school and unit censuses, CLA and CIN.
   Rule: each return of each source has one vote for each value that it gives; most votes win, then the latest year, then
   the smallest value. Counting returns and not rows keeps re-sent episodes and dual registrations from outvoting.
   "Refused", "not obtained" and the like only count where no return names an ethnic group. #}

{#- What one row says of a child. A birth is year and month together, and only where both are possible. #}
{%- set values_of_row %}
        case when observed.sex_code in ('M', 'F') then observed.sex_code end as sex,
        case when ethnic_groups.code_group is distinct from 'UNCL' then observed.ethnicity_code end as ethnic_group,
        case when ethnic_groups.code_group = 'UNCL' then observed.ethnicity_code end as no_ethnic_group,
        case
            when observed.birth_year between {{ var('earliest_birth_year') }} and {{ var('latest_birth_year') }}
                and observed.birth_month between 1 and 12
                then cast(observed.birth_year as {{ dbt.type_string() }}) || '-' || lpad(cast(observed.birth_month as {{ dbt.type_string() }}), 2, '0')
        end as birth
{%- endset %}

with

ethnic_groups as (

    select code, code_group
    from {{ ref('npd_ethnicity_minor') }}

),

observed as (

    select 'npd.school_census' as source_table, academic_year_end as year_end, pupil_id as child_key,
        sex_code, ethnicity_code, birth_year, birth_month
    from {{ ref('stg_npd__school_census') }}
    union all
    select 'npd.pru_census' as source_table, academic_year_end as year_end, pupil_id as child_key,
        sex_code, ethnicity_code, birth_year, birth_month
    from {{ ref('stg_npd__pru_census') }}
    union all
    select 'cla.episodes' as source_table, return_year as year_end, child_key,
        sex_code, ethnicity_code, birth_year, birth_month
    from {{ ref('int_cla_rows_identified') }}
    union all
    select 'cin.episodes' as source_table, return_year as year_end, child_key,
        sex_code, ethnicity_code, birth_year, birth_month
    from {{ ref('int_cin_rows_identified') }}

),

different as (

    -- most children have the same codes on every row
    select distinct child_key, sex_code, ethnicity_code, birth_year, birth_month
    from observed
    where child_key is not null

),

classified as (

    select observed.child_key, {{ values_of_row }}
    from different as observed
    left join ethnic_groups on observed.ethnicity_code = ethnic_groups.code

),

spread as (

    -- most children have one value of each; only the others need a vote
    select
        child_key,
        min(sex) as least_sex,
        max(sex) as greatest_sex,
        min(ethnic_group) as least_ethnic_group,
        max(ethnic_group) as greatest_ethnic_group,
        min(no_ethnic_group) as least_no_ethnic_group,
        max(no_ethnic_group) as greatest_no_ethnic_group,
        min(birth) as least_birth,
        max(birth) as greatest_birth
    from classified
    group by child_key

),

disputed as (

    select child_key
    from spread
    where least_sex <> greatest_sex
        or least_ethnic_group <> greatest_ethnic_group
        or (least_ethnic_group is null and least_no_ethnic_group <> greatest_no_ethnic_group)
        or least_birth <> greatest_birth

),

disputed_values as (

    select observed.child_key, observed.source_table, observed.year_end, {{ values_of_row }}
    from observed
    inner join disputed on observed.child_key = disputed.child_key
    left join ethnic_groups on observed.ethnicity_code = ethnic_groups.code

),

ballots as (

    select child_key, 'sex' as attribute, sex as answer, source_table, year_end from disputed_values
    union
    select child_key, 'ethnic_group' as attribute, ethnic_group as answer, source_table, year_end from disputed_values
    union
    select child_key, 'no_ethnic_group' as attribute, no_ethnic_group as answer, source_table, year_end from disputed_values
    union
    select child_key, 'birth' as attribute, birth as answer, source_table, year_end from disputed_values

),

votes as (

    select child_key, attribute, answer, count(*) as n_votes, max(year_end) as latest_year
    from ballots
    where answer is not null
    group by child_key, attribute, answer

),

ranked as (

    select
        child_key,
        attribute,
        answer,
        row_number() over (
            partition by child_key, attribute
            order by n_votes desc nulls last, latest_year desc nulls last, answer nulls last
        ) as place
    from votes

),

elected as (

    select
        child_key,
        max(case when attribute = 'sex' then answer end) as sex,
        max(case when attribute = 'ethnic_group' then answer end) as ethnic_group,
        max(case when attribute = 'no_ethnic_group' then answer end) as no_ethnic_group,
        max(case when attribute = 'birth' then answer end) as birth
    from ranked
    where place = 1
    group by child_key

),

decided as (

    select
        spread.child_key,
        coalesce(elected.sex, spread.least_sex) as sex_code,
        coalesce(elected.ethnic_group, spread.least_ethnic_group, elected.no_ethnic_group, spread.least_no_ethnic_group) as ethnicity_code,
        coalesce(elected.birth, spread.least_birth) as birth,
        spread.least_sex <> spread.greatest_sex as has_sex_conflict,
        spread.least_ethnic_group <> spread.greatest_ethnic_group as has_ethnic_group_conflict,
        spread.least_birth <> spread.greatest_birth as has_birth_conflict
    from spread
    left join elected on spread.child_key = elected.child_key

),

final as (

    select
        child_key,
        sex_code,
        ethnicity_code,
        try_cast(substring(birth, 1, 4) as integer) as birth_year,
        try_cast(substring(birth, 6, 2) as integer) as birth_month,
        try_cast(birth || '-01' as date) as notional_birth_date,
        has_sex_conflict,
        case when ethnicity_code is not null then coalesce(has_ethnic_group_conflict, false) end as has_ethnicity_conflict,
        has_birth_conflict
    from decided

)

select * from final
