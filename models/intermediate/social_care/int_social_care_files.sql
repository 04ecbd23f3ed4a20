{# One row per social care source, file and return year: whether the file holds every episode of the year, and whether another does.
   Grain: source, source_file, return_year.   Population: files with at least one whole row of a known return year.
   Rule: only deliveries of all episodes give the reason for a new episode (CLA) or a referral date (CIN). In a year that both
   kinds of file hold, the file without them is the lesser one. #}

with

files as (

    select
        'cla' as source,
        source_file,
        return_year,
        max(case when reason_new_episode_code is not null then 1 else 0 end) = 1 as has_every_episode
    from {{ ref('stg_cla__episodes') }}
    where not is_malformed_row and return_year is not null
    group by source_file, return_year
    union all
    select
        'cin' as source,
        source_file,
        return_year,
        max(case when referral_date is not null then 1 else 0 end) = 1 as has_every_episode
    from {{ ref('stg_cin__episodes') }}
    where not is_malformed_row and return_year is not null
    group by source_file, return_year

),

final as (

    select
        source,
        source_file,
        return_year,
        has_every_episode,
        max(case when has_every_episode then 1 else 0 end) over (partition by source, return_year)
            > min(case when has_every_episode then 1 else 0 end) over (partition by source, return_year) as is_mixed_year
    from files

)

select * from final
