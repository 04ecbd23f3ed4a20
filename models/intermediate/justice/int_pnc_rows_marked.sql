{# One row per delivered row of the Police National Computer, with what becomes of it.
   Grain: none, as delivered.   Rule: the first rule of the seed ledger_rules that applies, in the order below; a row to
   which none applies is an offence that was sanctioned, marked `used`, or `unlinked` or `ambiguous_link` without a pupil. A
   missing or impossible date of sentence is the earliest, from the offence on, of the sanctions of the same record: the rows
   of one pupil, or of one person key without a pupil, with its number. #}

with

delivered as (

    select * from {{ ref('stg_pnc__offences') }}

),

people as (

    select moj_uid, pupil_id, resolution from {{ ref('int_moj_uids_resolved') }}

),

attributes as (

    select child_key, notional_birth_date from {{ ref('int_child_attributes_resolved') }}

),

disposals_by_text as (

    select label, min(disposal_kind) as disposal_kind, min(code_group) as disposal_group
    from {{ ref('pnc_disposal') }}
    group by label

),

disposals_by_code as (

    select code, min(disposal_kind) as disposal_kind, min(code_group) as disposal_group
    from {{ ref('pnc_disposal') }}
    where code is not null
    group by code

),

severities as (

    select severity, rank from {{ ref('sanction_severities') }}

),

countries as (

    select code, is_england_wales from {{ ref('pnc_country') }}

),

serious_violence as (

    select code from {{ ref('serious_violence_offence') }}

),

offences as (

    select code, code_group from {{ ref('ho_offence') }}

),

identified as (

    -- the disposal's words go before its code; a conviction whose disposal no list knows is at least non-custodial
    select
        delivered.*,
        case when people.resolution = 'ambiguous' then null when people.moj_uid is null then delivered.pupil_id else people.pupil_id end as person_pupil_id,
        people.resolution is not distinct from 'ambiguous' as is_ambiguous,
        coalesce(disposals_by_text.disposal_kind, disposals_by_code.disposal_kind) as known_disposal_kind,
        coalesce(
            disposals_by_text.disposal_group,
            disposals_by_code.disposal_group,
            case when delivered.is_conviction then 'non_custodial' when not delivered.is_conviction then 'caution' end
        ) as disposal_group,
        countries.is_england_wales,
        serious_violence.code is not null as is_serious_violence,
        coalesce(offences.code_group, offence_classes.code_group) as offence_group
    from delivered
    left join people on delivered.moj_uid = people.moj_uid
    left join disposals_by_text on delivered.disposal_text = disposals_by_text.label
    left join disposals_by_code on delivered.disposal_code = disposals_by_code.code
    left join countries on delivered.country_code = countries.code
    left join serious_violence on delivered.offence_code = serious_violence.code
    left join offences on delivered.offence_code = offences.code
    left join offences as offence_classes on substring(delivered.offence_code, 1, 3) = offence_classes.code

),

sentenced as (

    -- nobody is sentenced before the offence: such a date, like a missing one, is taken from the record's other rows
    select
        *,
        coalesce(person_pupil_id, moj_uid, pupil_id) as person_key,
        disposal_group in ('non_custodial', 'custodial') as is_conviction_disposal,
        sentence_date < offence_date as is_sentence_before_offence,
        disposal_group in ('caution', 'non_custodial', 'custodial') and coalesce(is_england_wales, true) as is_sanctioned,
        case when sentence_date < offence_date then null else sentence_date end as possible_sentence_date
    from identified

),

lent as (

    -- what was no sanction, such as a breach or an acquittal, has a day of its own, which says nothing of the sentence
    select distinct person_key, record_id, possible_sentence_date as record_sentence_date
    from sentenced
    where is_sanctioned and possible_sentence_date is not null and record_id is not null

),

borrowed as (

    -- the record's date, too, is believed only where it is not before the offence; of several the earliest
    select
        undated.person_key,
        undated.record_id,
        undated.offence_date,
        min(lent.record_sentence_date) as record_sentence_date
    from (
        select distinct person_key, record_id, offence_date
        from sentenced
        where possible_sentence_date is null
    ) as undated
    inner join lent on undated.person_key = lent.person_key and undated.record_id = lent.record_id
    where undated.offence_date is null or lent.record_sentence_date >= undated.offence_date
    group by undated.person_key, undated.record_id, undated.offence_date

),

dated as (

    select
        sentenced.*,
        coalesce(sentenced.possible_sentence_date, borrowed.record_sentence_date) as sanction_date
    from sentenced
    left join borrowed
        on sentenced.person_key = borrowed.person_key
        and sentenced.record_id = borrowed.record_id
        and sentenced.offence_date is not distinct from borrowed.offence_date

),

aged as (

    select
        dated.*,
        coalesce(dated.offence_date, dated.sanction_date) as timeline_date,
        coalesce(
            {{ age_in_years('attributes.notional_birth_date', 'coalesce(dated.offence_date, dated.sanction_date)') }},
            dated.delivered_age
        ) as age_at_offence,
        severities.rank as severity_rank
    from dated
    left join attributes on dated.person_pupil_id = attributes.child_key
    left join severities on dated.disposal_group = severities.severity

),

numbered as (

    select
        *,
        row_number() over (
            partition by
                moj_uid, pupil_id, record_id, offence_text, offence_date, delivered_age, sentence_date,
                disposal_code, disposal_text, is_conviction, country_code
            order by source_file nulls last
        ) as copy_number
    from aged

),

screened as (

    select
        *,
        case
            when is_malformed_row then 'malformed_row'
            when person_key is null then 'no_identifier'
            when copy_number > 1 then 'exact_duplicate'
            when not is_england_wales then 'outside_england_wales'
            when disposal_group is null then 'no_disposal'
            when disposal_group = 'not_convicted' then 'not_convicted'
            when disposal_group = 'no_sanction' then 'not_a_sanction'
            when timeline_date is null then 'no_justice_date'
            when age_at_offence < {{ var('criminal_responsibility_age') }} then 'offence_before_ten'
        end as screening_rule_id,
        coalesce(
            cast(sanction_date as {{ dbt.type_string() }}),
            'record ' || record_id,
            'offence ' || cast(timeline_date as {{ dbt.type_string() }})
        ) as occasion_key
    from numbered

),

repeated as (

    -- an offence with several disposals on one occasion counts once, with the most severe
    select
        *,
        row_number() over (
            partition by screening_rule_id, person_key, is_conviction_disposal, occasion_key, offence_text, timeline_date
            order by
                severity_rank desc nulls last, offence_date nulls last, known_disposal_kind nulls last, disposal_text nulls last, disposal_code nulls last,
                record_id nulls last, moj_uid nulls last, sentence_date nulls last, delivered_age nulls last, source_file nulls last
        ) as disposal_place
    from screened

),

final as (

    select
        source_file,
        case
            when screening_rule_id is not null then screening_rule_id
            when disposal_place > 1 then 'repeated_offence'
            when is_ambiguous then 'ambiguous_link'
            when person_pupil_id is null then 'unlinked'
            else 'used'
        end as ledger_rule_id,
        record_year,

        moj_uid,
        person_pupil_id as pupil_id,
        occasion_key,

        offence_code,
        offence_text,
        coalesce(offence_group, 'unmapped') as offence_group,
        is_serious_violence,
        coalesce(known_disposal_kind, 'unmapped') as disposal_kind,
        disposal_group,
        severity_rank,
        is_conviction_disposal as is_conviction,

        timeline_date as offence_date,
        offence_date is null and timeline_date is not null as is_offence_date_from_sentence,
        sanction_date,
        coalesce(is_sentence_before_offence, false) as is_sentence_before_offence,
        age_at_offence
    from repeated

)

select * from final
