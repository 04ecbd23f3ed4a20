{# One row per delivered row of the looked-after return, with what becomes of it.
   Grain: none, as delivered.   Rule: the first rule of the seed ledger_rules that applies, in the order below; a row to
   which none applies is a cleaned episode, marked `used`, or `unlinked` where no pupil id is known for the child.
   Repairs, each counted: what the period of care tells of a start or an end that cannot be; an episode that care outlasts
   meets the next one of its period (official rules 142, 388, 433: the rows of a period join up). #}

{# The total order in which versions of one care episode are preferred: care before respite, the latest end, then the
    smallest codes; the other delivered values follow so that no two different rows tie. #}
{%- set row_order %}
    is_respite nulls last, observed_end_date desc nulls last,
    placement_code nulls last, legal_status_code nulls last, reason_ceased_code nulls last, category_of_need_code nulls last,
    is_open desc nulls last, episode_end_date desc nulls last, period_of_care_start_date nulls last, la_child_id nulls last,
    local_authority_code nulls last, moj_uid nulls last, pupil_id nulls last, is_pupil_id_drawn_down nulls last,
    reason_new_episode_code nulls last, reason_place_change_code nulls last, delivered_start_date nulls last,
    sex_code nulls last, ethnicity_code nulls last, birth_year nulls last, birth_month nulls last,
    period_of_care_days nulls last, is_unaccompanied_asylum_seeker nulls last, is_looked_after_31_march nulls last,
    is_looked_after_6_months nulls last, is_looked_after_12_months nulls last,
    is_pupil_premium_6_months nulls last, is_pupil_premium_1_day nulls last
{%- endset %}

with

identified as (

    select * from {{ ref('int_cla_rows_identified') }}

),

attributes as (

    select child_key, notional_birth_date from {{ ref('int_child_attributes_resolved') }}

),

respite_statuses as (

    select distinct code from {{ ref('cla_legal_status') }} where is_respite

),

files as (

    select source_file, return_year, has_every_episode from {{ ref('int_social_care_files') }} where source = 'cla' and is_mixed_year

),

children_in_fuller_files as (

    select distinct identified.child_key, identified.return_year
    from identified
    inner join files on identified.source_file = files.source_file and identified.return_year = files.return_year
    where files.has_every_episode

),

dated as (

    select
        identified.*,
        identified.episode_start_date as delivered_start_date,
        attributes.notional_birth_date,
        respite_statuses.code is not null as is_respite,
        coalesce(not files.has_every_episode, false) as is_of_lesser_file,
        coalesce(not files.has_every_episode, false) and children_in_fuller_files.child_key is not null as is_in_fuller_file,
        {{ return_year_last_day('identified.return_year') }} as return_year_last_date,
        -- -10 means open, whatever the end date says
        case when identified.reason_ceased_code is distinct from '-10' then identified.episode_end_date end as given_end_date,
        -- a longer period than a childhood is a slip of the pen, and no day to reckon with
        case
            when identified.period_of_care_days between 0 and 366 * ({{ var('childhood_end_age') }} + 1)
                then cast({{ dbt.dateadd('day', 'identified.period_of_care_days', 'identified.period_of_care_start_date') }} as date)
        end as period_last_seen_date
    from identified
    left join attributes on identified.child_key = attributes.child_key
    left join respite_statuses on identified.legal_status_code = respite_statuses.code
    left join files on identified.source_file = files.source_file and identified.return_year = files.return_year
    left join children_in_fuller_files
        on identified.child_key = children_in_fuller_files.child_key and identified.return_year = children_in_fuller_files.return_year

),

started as (

    -- the first episode of a period of care starts with it, and so tells when, where its own start is missing or cannot be
    select
        *,
        coalesce(
            reason_new_episode_code = 'S'
            and (
                episode_start_date is null
                or episode_start_date > coalesce(given_end_date, return_year_last_date)
                or episode_start_date < {{ childhood_first_day('notional_birth_date') }}
                or episode_start_date >= {{ childhood_end_date('notional_birth_date') }}
            )
            and period_of_care_start_date <= coalesce(given_end_date, return_year_last_date)
            and coalesce(period_of_care_start_date >= {{ childhood_first_day('notional_birth_date') }}, true)
            and coalesce(period_of_care_start_date < {{ childhood_end_date('notional_birth_date') }}, true)
            , false
        ) as is_start_from_period
    from dated

),

placed as (

    select
        *,
        case when is_start_from_period then period_of_care_start_date else episode_start_date end as start_date
    from started

),

closed as (

    -- a closed episode without an end that can be lasts as long as its period of care, as far as the return knows
    select
        *,
        coalesce(
            reason_ceased_code <> '-10'
            and (given_end_date is null or given_end_date < start_date)
            and period_of_care_start_date <= start_date
            and period_last_seen_date >= start_date
            , false
        ) as is_end_from_period
    from placed

),

ended as (

    -- a return cannot know of an end after its own year: such an end is cut to 31 March
    select
        *,
        given_end_date is null and not is_end_from_period as is_open,
        given_end_date is not null and not is_end_from_period and given_end_date > return_year_last_date as is_end_cut,
        case
            when is_end_from_period then least(period_last_seen_date, return_year_last_date)
            when given_end_date is null or given_end_date > return_year_last_date then return_year_last_date
            else given_end_date
        end as observed_end_date
    from closed

),

numbered as (

    -- rows that are alike in every value share their rank; all but the first of them are duplicates
    select
        *,
        row_number() over (
            partition by child_key, start_date, return_year, is_in_fuller_file
            order by {{ row_order }}, source_file nulls last
        ) as place,
        rank() over (
            partition by child_key, start_date, return_year, is_in_fuller_file
            order by {{ row_order }}
        ) as rank_of_values
    from ended

),

screened as (

    select
        *,
        case
            when is_malformed_row then 'malformed_row'
            when return_year is null then 'no_return_year'
            when child_key is null then 'no_child_key'
            when is_in_fuller_file then 'in_fuller_file'
            when start_date is null then 'no_episode_start'
            when place > rank_of_values then 'exact_duplicate'
            when observed_end_date < start_date then 'ends_before_start'
            when start_date < {{ childhood_first_day('notional_birth_date') }} then 'outside_childhood'
            when start_date >= {{ childhood_end_date('notional_birth_date') }} then 'outside_childhood'
        end as screening_rule_id
    from numbered

),

latest as (

    -- an episode is sent again each year while it is open: its latest version counts, with what was corrected since
    select
        *,
        row_number() over (
            partition by screening_rule_id, child_key, start_date
            order by return_year desc nulls last, {{ row_order }}, source_file nulls last
        ) as version_place
    from screened

),

kept as (

    select
        *,
        screening_rule_id is null and version_place = 1 and not is_respite as is_care
    from latest

),

followed as (

    select
        *,
        lead(start_date) over (partition by child_key, is_care order by start_date nulls last) as next_start_date,
        lead(return_year) over (partition by child_key, is_care order by start_date nulls last) as next_return_year,
        -- whether the next episode continues a period of care in which this one lies; where it gives no period, X1 tells
        coalesce(
            lead(reason_new_episode_code) over (partition by child_key, is_care order by start_date nulls last) <> 'S'
            and coalesce(
                lead(period_of_care_start_date) over (partition by child_key, is_care order by start_date nulls last) <= start_date,
                reason_ceased_code = 'X1'
            )
            and coalesce(reason_ceased_code in ('X1', '-10'), true)
            , false
        ) and is_care as is_continued
    from kept

),

joined as (

    -- a continued episode ends where the next begins: a gap is closed, and an end that was not seen is cut; a given end may overlap
    select
        *,
        is_continued
            and (
                observed_end_date < next_start_date
                -- what a later return than the next one's says is open has not ended where that begins
                or (observed_end_date >= next_start_date and next_return_year >= return_year and (is_open or is_end_from_period))
            )
            as is_joined_to_next
    from followed

),

final as (

    select
        source_file,
        case
            when screening_rule_id is not null then screening_rule_id
            when version_place > 1 then 'resent_episode'
            when pupil_id is null then 'unlinked'
            else 'used'
        end as ledger_rule_id,
        screening_rule_id is null as is_valid_row,

        child_key,
        pupil_id,
        la_child_id,
        moj_uid,
        local_authority_code,
        return_year,

        category_of_need_code,
        legal_status_code,
        placement_code,
        reason_ceased_code,
        reason_new_episode_code,
        reason_place_change_code,

        is_respite,
        is_of_lesser_file,
        is_open and not is_joined_to_next as is_open,
        is_end_cut,
        is_start_from_period,
        is_end_from_period and not is_joined_to_next as is_end_from_period,
        is_joined_to_next,
        is_pupil_id_drawn_down,
        is_unaccompanied_asylum_seeker,

        notional_birth_date,
        period_of_care_start_date,
        start_date as episode_start_date,
        case when is_joined_to_next then next_start_date else observed_end_date end as episode_end_date,
        value_findings
    from joined

)

select * from final
