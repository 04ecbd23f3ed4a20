{# One row per suspension or exclusion as delivered, wide years turned long, with what becomes of it.
   Grain: none, as delivered.
   Rule: the first rule of the seed ledger_rules that applies, in the order below. A date after the school year, or before
   the year that came before it, is impossible and counts as missing; last year's may be a report again.
   The same report twice counts once within one school year; without a date, two in different slots are two. A permanent
   exclusion of the same pupil on the same day counts once, in the year of its first report and with its most telling reason. A total that the supplier
   states is set against the exclusions that count; the exclusions stand, the difference is noted. #}

with

delivered as (

    select * from {{ ref('stg_npd__exclusions') }}

),

categories as (

    select code, code_group
    from {{ ref('npd_exclusion_category') }}

),

grouped as (

    -- a row that states nothing is a pupil without an exclusion, or an empty slot before a filled one
    select
        delivered.*,
        case
            when delivered.exclusion_start_date between {{ school_year_first_day('delivered.academic_year_end - 1') }}
                and {{ school_year_last_day('delivered.academic_year_end') }} then delivered.exclusion_start_date
        end as start_date,
        categories.code_group as exclusion_kind,
        delivered.exclusion_category_code is null and delivered.exclusion_reason_code is null
            and delivered.exclusion_start_date is null and delivered.n_sessions_lost is null as is_empty
    from delivered
    left join categories on delivered.exclusion_category_code = categories.code

),

compared as (

    -- without a date, two like exclusions of one row are two; with one, they are the same
    select
        *,
        row_number() over (
            partition by
                pupil_id, academic_year_end, exclusion_category_code, exclusion_reason_code, start_date, n_sessions_lost,
                case when start_date is null then slot_number end
            order by slot_number nulls last, source_file nulls last
        ) as place_among_equals
    from grouped

),

numbered as (

    select
        *,
        row_number() over (
            partition by pupil_id, exclusion_kind, start_date
            order by
                case when place_among_equals = 1 then 0 else 1 end nulls last,
                academic_year_end nulls last,
                case when exclusion_reason_code is null or exclusion_reason_code = 'OT' then 1 else 0 end nulls last,
                slot_number nulls last, exclusion_reason_code nulls last, n_sessions_lost nulls last, exclusion_category_code nulls last, source_file nulls last
        ) as place_of_day
    from compared

),

decided as (

    select
        *,
        case
            when is_malformed_row then 'malformed_row'
            when academic_year_end is null then 'no_return_year'
            when pupil_id is null then 'no_pupil_id'
            when is_empty then 'empty_slot'
            when exclusion_kind is null then 'unknown_exclusion_category'
            when place_among_equals > 1 then 'exact_duplicate'
            when exclusion_kind = 'lunchtime' then 'lunchtime_exclusion'
            when exclusion_kind = 'permanent' and start_date is not null and place_of_day > 1 then 'rereported_permanent'
            else 'used'
        end as ledger_rule_id
    from numbered

),

set_against_total as (

    -- whether lunchtime exclusions are in the total no document says, so either sum agrees with it
    select
        *,
        sum(case when ledger_rule_id = 'used' and exclusion_kind = 'suspension' then 1 else 0 end)
            over (partition by pupil_id, academic_year_end, n_fixed_exclusions_stated) as n_suspensions,
        sum(case when ledger_rule_id = 'lunchtime_exclusion' then 1 else 0 end)
            over (partition by pupil_id, academic_year_end, n_fixed_exclusions_stated) as n_lunchtime
    from decided

),

final as (

    select
        source_file,
        ledger_rule_id,
        pupil_id,
        academic_year_end,
        is_year_of_file,
        exclusion_kind,
        exclusion_reason_code,
        start_date as exclusion_start_date,
        start_date is null and exclusion_start_date is not null and academic_year_end is not null and not is_malformed_row
            as is_start_date_impossible,
        n_sessions_lost,
        coalesce(
            pupil_id is not null and academic_year_end is not null
            and n_fixed_exclusions_stated not in (n_suspensions, n_suspensions + n_lunchtime),
            false
        ) as is_fixed_total_different
    from set_against_total

)

select * from final
