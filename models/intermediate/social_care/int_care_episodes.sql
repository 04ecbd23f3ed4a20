{# One row per cleaned care episode, with the days of care that it shows.
   Grain: child_key, episode_start_date.   Population: rows of int_cla_rows_marked that are used or unlinked.
   Rule: in a return year that holds only each child's last episode, care is counted from the start of the period of care,
   where that is given and possible, because the earlier episodes were not delivered; so too on a row of a file that holds
   last episodes only, in a year that another file holds in full, and of an episode that ran before the first return and did not
   begin the period: of the starts that the child's rows give, on or before the episode's own, the latest counts, as early ones are a
   known fault. Where no period tells, care may be older than it seems. No care is counted past childhood. #}

with

marked as (

    -- an episode sent again still tells when its period of care began
    select * from {{ ref('int_cla_rows_marked') }} where ledger_rule_id in ('used', 'unlinked', 'resent_episode')

),

return_years as (

    select return_year, extract_shape from {{ ref('int_social_care_return_years') }} where source = 'cla'

),

span as (

    select first_date, last_return_year from {{ ref('int_social_care_spans') }} where source = 'cla'

),

shaped as (

    select
        marked.*,
        case when marked.is_of_lesser_file then 'last_episode_per_year' else return_years.extract_shape end as extract_shape,
        span.first_date as first_date_of_returns,
        span.last_return_year
    from marked
    inner join return_years on marked.return_year = return_years.return_year
    cross join span

),

running_periods as (

    -- of an episode that began before the first return: the latest start of a period that the child's rows give, on or before its own
    select
        early.child_key,
        early.episode_start_date,
        max(told.period_of_care_start_date) as running_period_start_date
    from shaped as early
    inner join shaped as told
        on early.child_key = told.child_key and told.period_of_care_start_date <= early.episode_start_date
    where early.episode_start_date < early.first_date_of_returns and early.ledger_rule_id <> 'resent_episode'
    group by early.child_key, early.episode_start_date

),

periods as (

    select
        shaped.*,
        running_periods.running_period_start_date,
        coalesce(
            shaped.extract_shape = 'last_episode_per_year'
            and shaped.period_of_care_start_date <= shaped.episode_start_date
            and (shaped.notional_birth_date is null or shaped.period_of_care_start_date >= {{ childhood_first_day('shaped.notional_birth_date') }})
            , false
        ) as is_told_by_period,
        coalesce(
            shaped.reason_new_episode_code is distinct from 'S'
            and (
                running_periods.running_period_start_date >= {{ childhood_first_day('shaped.notional_birth_date') }}
                or (shaped.notional_birth_date is null and running_periods.running_period_start_date is not null)
            )
            , false
        ) as is_told_by_running_period
    from shaped
    left join running_periods
        on shaped.child_key = running_periods.child_key and shaped.episode_start_date = running_periods.episode_start_date
    where shaped.ledger_rule_id <> 'resent_episode'

),

final as (

    select
        child_key,
        episode_start_date,
        pupil_id,
        la_child_id,
        local_authority_code,
        return_year,
        extract_shape,

        category_of_need_code,
        legal_status_code,
        placement_code,
        reason_ceased_code,
        reason_new_episode_code,
        reason_place_change_code,
        is_unaccompanied_asylum_seeker,

        is_end_cut,
        is_start_from_period,
        is_end_from_period,
        is_joined_to_next,
        is_pupil_id_drawn_down,
        is_respite,
        is_open,
        is_open and return_year < last_return_year as is_open_before_last_return,
        {% if var('count_respite_as_care') -%}
        true
        {%- else -%}
        not is_respite
        {%- endif %} as is_care,

        notional_birth_date,
        episode_end_date,
        case
            when is_told_by_period then period_of_care_start_date
            when is_told_by_running_period then running_period_start_date
            else episode_start_date
        end as care_start_date,
        reason_new_episode_code is distinct from 'S'
            and (extract_shape = 'last_episode_per_year' or episode_start_date < first_date_of_returns)
            and not is_told_by_period
            and not is_told_by_running_period as is_care_start_unseen,
        case
            when episode_end_date > {{ childhood_end_date('notional_birth_date') }} then {{ childhood_end_date('notional_birth_date') }}
            else episode_end_date
        end as care_end_date
    from periods

)

select * from final
