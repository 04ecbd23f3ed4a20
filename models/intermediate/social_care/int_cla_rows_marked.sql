{# One row per delivered row of the looked-after return, with what becomes of it.
   Grain: none, as delivered.   Rule: the first rule of the seed ledger_rules that applies, in the order below; a row to
   which none applies is a cleaned episode, marked `used`, or `unlinked` where no pupil id is known for the child. #}

{# The total order in which versions of one care episode are preferred: care before respite, the latest end, then the
    smallest codes; the other delivered values follow so that no two different rows tie. #}
{%- set row_order %}
    is_respite nulls last, observed_end_date desc nulls last,
    placement_code nulls last, legal_status_code nulls last, reason_ceased_code nulls last, category_of_need_code nulls last,
    is_open desc nulls last, episode_end_date desc nulls last, period_of_care_start_date nulls last, la_child_id nulls last,
    local_authority_code nulls last, moj_uid nulls last, pupil_id nulls last, is_pupil_id_drawn_down nulls last,
    reason_new_episode_code nulls last, reason_place_change_code nulls last,
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

dated as (

    select
        identified.*,
        attributes.notional_birth_date,
        respite_statuses.code is not null as is_respite,
        -- -10 means open, whatever the end date says
        identified.reason_ceased_code is not distinct from '-10' or identified.episode_end_date is null as is_open,
        {{ return_year_last_day('identified.return_year') }} as return_year_last_date
    from identified
    left join attributes on identified.child_key = attributes.child_key
    left join respite_statuses on identified.legal_status_code = respite_statuses.code

),

ended as (

    -- a return cannot know of an end after its own year: such an end is cut to 31 March
    select
        *,
        not is_open and episode_end_date > return_year_last_date as is_end_cut,
        case
            when is_open or episode_end_date > return_year_last_date then return_year_last_date
            else episode_end_date
        end as observed_end_date
    from dated

),

numbered as (

    -- rows that are alike in every value share their rank; all but the first of them are duplicates
    select
        *,
        row_number() over (
            partition by child_key, episode_start_date, return_year
            order by {{ row_order }}, source_file nulls last
        ) as place,
        rank() over (
            partition by child_key, episode_start_date, return_year
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
            when episode_start_date is null then 'no_episode_start'
            when place > rank_of_values then 'exact_duplicate'
            when observed_end_date < episode_start_date then 'ends_before_start'
            when episode_start_date < {{ childhood_first_day('notional_birth_date') }} then 'outside_childhood'
            when episode_start_date >= {{ childhood_end_date('notional_birth_date') }} then 'outside_childhood'
        end as screening_rule_id
    from numbered

),

latest as (

    -- an episode is sent again each year while it is open: its latest version counts, with what was corrected since
    select
        *,
        row_number() over (
            partition by screening_rule_id, child_key, episode_start_date
            order by return_year desc nulls last, {{ row_order }}, source_file nulls last
        ) as version_place
    from screened

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
        is_open,
        is_end_cut,
        is_pupil_id_drawn_down,
        is_unaccompanied_asylum_seeker,

        notional_birth_date,
        period_of_care_start_date,
        episode_start_date,
        observed_end_date as episode_end_date,
        value_findings
    from latest

)

select * from final
