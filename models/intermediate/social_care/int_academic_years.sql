{# One row per school year in which a child of the extract can have been a child: its bounds, and how far each social care source covers it.
   Grain: academic_year_end.   Population: school years from the earliest year of birth to the end of childhood of the latest.
   Rule: a school year takes seven months of one return year and five of the next; it is as well covered as the worse of the two.
   A return year counts within the span of its source, as a mistyped year covers nothing. #}

with

years as (

    {% for year in range(var('earliest_birth_year') | int, var('latest_birth_year') | int + var('childhood_end_age') | int + 1) -%}
    select {{ year }} as academic_year_end{{ ' union all' if not loop.last }}
    {% endfor %}
),

delivered as (

    -- a year outside the span is a slip in a few rows
    select return_years.source, return_years.return_year
    from {{ ref('int_social_care_return_years') }} as return_years
    inner join {{ ref('int_social_care_spans') }} as spans
        on return_years.source = spans.source
        and return_years.return_year >= spans.first_return_year
        and return_years.return_year <= spans.last_return_year

),

known as (

    select source, return_year, completeness from {{ ref('source_coverage') }}

),

rated as (

    -- of a return year that the extract holds; one beyond the seed counts as whole, one that was not collected as none
    select
        delivered.source,
        delivered.return_year,
        case coalesce(known.completeness, 'full') when 'full' then 3 when 'weak' then 2 when 'not_collected' then 0 else 1 end as rating
    from delivered
    left join known on delivered.source = known.source and delivered.return_year = known.return_year

),

halves as (

    select
        years.academic_year_end,
        coalesce(max(case when rated.source = 'cla' and rated.return_year = years.academic_year_end then rated.rating end), 0) as cla_first,
        coalesce(max(case when rated.source = 'cla' and rated.return_year = years.academic_year_end + 1 then rated.rating end), 0) as cla_second,
        coalesce(max(case when rated.source = 'cin' and rated.return_year = years.academic_year_end then rated.rating end), 0) as cin_first,
        coalesce(max(case when rated.source = 'cin' and rated.return_year = years.academic_year_end + 1 then rated.rating end), 0) as cin_second
    from years
    left join rated
        on rated.return_year >= years.academic_year_end
        and rated.return_year <= years.academic_year_end + 1
    group by years.academic_year_end

),

final as (

    select
        academic_year_end,
        {{ school_year_first_day('academic_year_end') }} as first_date,
        {{ school_year_first_day('academic_year_end + 1') }} as next_first_date,
        {% for source in ('cla', 'cin') -%}
        case
            when {{ source }}_first = 0 and {{ source }}_second = 0 then 'none'
            when {{ source }}_first <= 1 or {{ source }}_second <= 1 then 'partial'
            when {{ source }}_first = 2 or {{ source }}_second = 2 then 'weak'
            else 'full'
        end as {{ source }}_coverage{{ ',' if not loop.last }}
        {% endfor %}
    from halves

)

select * from final
