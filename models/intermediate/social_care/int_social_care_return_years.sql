{# One row per return year of CLA and of CIN that the extract holds: how many children, and which share of the data it is.
   Grain: source, return_year.
   Rule: a CLA year in which at least var all_episodes_min_share of the children have two or more episode starts was
   delivered with all episodes. A CIN year was where most of its children have a referral date and, over all such years, at
   least that share of children have two or more referrals in a year: repeat referrals are too few to tell year by year.
   Any other year holds the last episode of each child. #}

with

looked_after as (

    select
        'cla' as source,
        return_year,
        child_key,
        count(distinct episode_start_date) as n_episodes,
        1 as is_dated
    from {{ ref('int_cla_rows_marked') }}
    where is_valid_row
    group by return_year, child_key

),

in_need as (

    select
        'cin' as source,
        return_year,
        child_key,
        count(distinct referral_date) as n_episodes,
        case when count(referral_date) > 0 then 1 else 0 end as is_dated
    from {{ ref('int_cin_rows_marked') }}
    where is_valid_row
    group by return_year, child_key

),

children as (

    select source, return_year, n_episodes, is_dated from looked_after
    union all
    select source, return_year, n_episodes, is_dated from in_need

),

counted as (

    select
        source,
        return_year,
        count(*) as n_children,
        sum(is_dated) as n_children_with_dates,
        sum(case when n_episodes >= 2 then 1 else 0 end) as n_children_with_several_episodes
    from children
    group by source, return_year

),

marked as (

    select *, 2 * n_children_with_dates >= n_children as is_dated_year from counted

),

compared as (

    select
        *,
        sum(case when is_dated_year then n_children else 0 end) over (partition by source) as n_children_of_dated_years,
        sum(case when is_dated_year then n_children_with_several_episodes else 0 end) over (partition by source) as n_children_with_several_of_dated_years
    from marked

),

final as (

    select
        source,
        return_year,
        cast(n_children as bigint) as n_children,
        cast(n_children_with_several_episodes as bigint) as n_children_with_several_episodes,
        case
            when source = 'cla'
                and n_children_with_several_episodes >= {{ var('all_episodes_min_share') }} * n_children then 'all_episodes'
            when source = 'cin'
                and is_dated_year
                and n_children_with_several_of_dated_years >= {{ var('all_episodes_min_share') }} * n_children_of_dated_years then 'all_episodes'
            else 'last_episode_per_year'
        end as extract_shape
    from compared

)

select * from final
