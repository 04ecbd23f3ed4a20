{# One row per return year of CLA and of CIN that the extract holds: how many children, and which share of the data it is.
   Grain: source, return_year.
   Rule: a year in which at least var all_episodes_min_share of the children have two or more episodes (CLA, by start)
   or referrals (CIN, by date) was delivered with all episodes; any other holds the last episode of each child. #}

with

looked_after as (

    select
        'cla' as source,
        return_year,
        child_key,
        count(distinct episode_start_date) as n_episodes
    from {{ ref('int_cla_rows_marked') }}
    where is_valid_row
    group by return_year, child_key

),

in_need as (

    select
        'cin' as source,
        return_year,
        child_key,
        count(distinct referral_date) as n_episodes
    from {{ ref('int_cin_rows_marked') }}
    where is_valid_row
    group by return_year, child_key

),

children as (

    select source, return_year, n_episodes from looked_after
    union all
    select source, return_year, n_episodes from in_need

),

counted as (

    select
        source,
        return_year,
        count(*) as n_children,
        sum(case when n_episodes >= 2 then 1 else 0 end) as n_children_with_several_episodes
    from children
    group by source, return_year

),

final as (

    select
        source,
        return_year,
        cast(n_children as bigint) as n_children,
        cast(n_children_with_several_episodes as bigint) as n_children_with_several_episodes,
        case
            when n_children_with_several_episodes >= {{ var('all_episodes_min_share') }} * n_children then 'all_episodes'
            else 'last_episode_per_year'
        end as extract_shape
    from counted

)

select * from final
