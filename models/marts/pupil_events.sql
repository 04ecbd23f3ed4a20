{# One row per dated event of a pupil, from every source: the timeline from which any index date, and any exposure before it, can be built.
   Grain: pupil_id, event_number.   Population: pupils of `pupils`; events whose first day is not known at all are left out.
   Rule: kinds are those of the seed event_kinds, which says what the dates and the detail of each mean. A date that stands for
   a longer time says so in date_precision. An end before the first day is not known. Events are numbered by first day, then kind, then end, then detail. #}

with

kinds as (

    select event_kind, kind_order, source_table from {{ ref('event_kinds') }}

),

pupils as (

    select pupil_id, notional_birth_date from {{ ref('pupils') }}

),

{% set no_date = 'cast(null as date)' -%}
{% set no_text = 'cast(null as ' ~ dbt.type_string() ~ ')' -%}

social_care as (

    select
        pupil_id, 'referral' as event_kind, referral_date as start_date, case when closure_date >= referral_date then closure_date end as end_date,
        'day' as date_precision, furthest_stage as detail_code
    from {{ ref('child_in_need_episodes') }}
    union all
    select
        pupil_id, 'child_protection_plan' as event_kind, plan_start_date as start_date,
        case when not is_open and plan_end_date >= plan_start_date then plan_end_date end as end_date,
        'day' as date_precision, initial_category_of_abuse_code as detail_code
    from {{ ref('child_protection_plans') }}
    union all
    select
        pupil_id, 'care_spell' as event_kind, spell_start_date as start_date, spell_end_date as end_date, 'day' as date_precision,
        entry_category_of_need_code as detail_code
    from {{ ref('care_spells') }}
    union all
    select
        pupil_id, 'placement' as event_kind, placement_start_date as start_date, placement_end_date as end_date, 'day' as date_precision,
        placement_code as detail_code
    from {{ ref('placements') }}

),

school_years as (

    select
        *,
        {{ school_year_first_day('academic_year_end') }} as first_date,
        {{ school_year_last_day('academic_year_end') }} as last_date
    from {{ ref('pupil_school_years') }}

),

education as (

    select
        pupil_id, 'school_year' as event_kind, first_date as start_date, last_date as end_date, 'school_year' as date_precision,
        cast(national_curriculum_year as {{ dbt.type_string() }}) as detail_code
    from school_years
    where is_in_school_census
    union all
    select pupil_id, 'alternative_provision' as event_kind, first_date as start_date, last_date as end_date, 'school_year' as date_precision, {{ no_text }} as detail_code
    from school_years
    where is_in_ap_census or is_in_pru_census
    union all
    select pupil_id, 'ks2_result' as event_kind, last_date as start_date, {{ no_date }} as end_date, 'school_year' as date_precision, {{ no_text }} as detail_code
    from school_years
    where is_in_ks2_results
    union all
    select pupil_id, 'ks4_result' as event_kind, last_date as start_date, {{ no_date }} as end_date, 'school_year' as date_precision, {{ no_text }} as detail_code
    from school_years
    where is_in_ks4_results
    union all
    select pupil_id, event_kind, start_date, end_date, date_precision, detail_code
    from {{ ref('int_education_events') }}

),

justice as (

    select
        pupil_id, 'sanction' as event_kind, offence_date as start_date, sanction_date as end_date,
        case when is_offence_date_from_sentence then 'sentence' else 'day' end as date_precision, severity as detail_code
    from {{ ref('sanctions') }}
    union all
    select
        pupil_id, 'magistrates_case' as event_kind, coalesce(first_hearing_date, completion_date) as start_date,
        case when not is_completed_before_hearing then completion_date end as end_date,
        'day' as date_precision, outcome_code as detail_code
    from {{ ref('int_magistrates_rows_marked') }}
    where ledger_rule_id = 'used'
    union all
    select
        pupil_id, 'crown_case' as event_kind, coalesce(first_hearing_date, completion_date) as start_date,
        case when not is_completed_before_hearing then completion_date end as end_date,
        'day' as date_precision, outcome_code as detail_code
    from {{ ref('int_crown_rows_marked') }}
    where ledger_rule_id = 'used'
    union all
    select
        pupil_id, 'custody' as event_kind, reception_date as start_date, end_date, 'day' as date_precision, reception_type as detail_code
    from {{ ref('int_custody_spells') }}

),

events as (

    select
        pupil_id, 'birth' as event_kind, notional_birth_date as start_date, {{ no_date }} as end_date, 'month' as date_precision, {{ no_text }} as detail_code
    from pupils
    union all
    select pupil_id, event_kind, start_date, end_date, date_precision, detail_code from social_care
    union all
    select pupil_id, event_kind, start_date, end_date, date_precision, detail_code from education
    union all
    select pupil_id, event_kind, start_date, end_date, date_precision, detail_code from justice

),

described as (

    -- while a pupil's events are put in order, a number stands for their kind
    select
        events.pupil_id, kinds.kind_order, events.start_date, events.end_date, events.date_precision, events.detail_code
    from events
    inner join kinds on events.event_kind = kinds.event_kind
    inner join pupils on events.pupil_id = pupils.pupil_id
    where events.start_date is not null

),

numbered as (

    select
        *,
        cast(row_number() over (
            partition by pupil_id
            order by
                start_date nulls last, kind_order nulls last, end_date nulls last, detail_code nulls last, date_precision nulls last
        ) as integer) as event_number
    from described

),

final as (

    select
        numbered.pupil_id,
        numbered.event_number,
        kinds.event_kind,
        numbered.start_date,
        numbered.end_date,
        numbered.date_precision,
        kinds.source_table,
        numbered.detail_code
    from numbered
    inner join kinds on numbered.kind_order = kinds.kind_order

)

select * from final
