{# One row per pupil: cautions, convictions, courts and custody, ever and as a youth, and for how long they could be seen.
   Grain: pupil_id.   Population: every pupil of `pupils`.
   Rule: a pupil without a sanction has none only where the table that would tell was supplied and links to any pupil at all;
   else the column is NULL. Follow-up runs from the 10th birthday, or the first day of the data where that is later, to the
   last day of the justice data. #}

{%- set groups = [
    'violence_against_person', 'sexual_offences', 'robbery', 'possession_of_weapons', 'criminal_damage_and_arson',
    'theft_offences', 'drug_offences', 'public_order', 'fraud', 'miscellaneous', 'unmapped',
] %}

with

pupils as (

    select pupil_id, notional_birth_date from {{ ref('pupils') }}

),

keyed as (

    -- any person key that resolves to the pupil
    select distinct pupil_id
    from {{ ref('int_moj_uids_resolved') }}
    where pupil_id is not null

),

linked as (

    -- a row of the PNC without a person key still names its pupil
    select pupil_id from keyed
    union
    select pupil_id
    from {{ ref('int_pnc_rows_marked') }}
    where moj_uid is null and pupil_id is not null

),

ambiguous as (

    -- pupils to whom the records of an ambiguous person key may belong
    select candidates.pupil_id, count(*) as n_moj_uids
    from {{ ref('int_moj_uid_candidates') }} as candidates
    inner join {{ ref('int_moj_uids_resolved') }} as people on candidates.moj_uid = people.moj_uid
    where people.resolution = 'ambiguous'
        and candidates.evidence_place = 1
        and (people.is_in_pnc or people.is_in_courts or people.is_in_prisons)
    group by candidates.pupil_id

),

supplied as (

    -- without any link at all nothing can be told of anybody
    select
        tables.is_pnc_supplied and links.n_linked > 0 as is_pnc_known,
        tables.is_crown_supplied and keys.n_keyed > 0 as is_crown_known,
        tables.is_magistrates_supplied and keys.n_keyed > 0 as is_magistrates_known,
        tables.is_custody_supplied and keys.n_keyed > 0 as is_custody_known,
        links.n_linked > 0 as is_link_known
    from {{ ref('int_tables_supplied') }} as tables
    cross join (select count(*) as n_linked from linked) as links
    cross join (select count(*) as n_keyed from keyed) as keys

),

period as (

    select justice_start_date, justice_end_date from {{ ref('int_justice_period') }}

),

severities as (

    select severity, rank from {{ ref('sanction_severities') }}

),

sanctions as (

    select
        pupil_id,
        count(*) as n_sanctions,
        sum(case when is_conviction then 0 else 1 end) as n_cautions,
        sum(case when is_conviction then 1 else 0 end) as n_convictions,
        sum(n_offences) as n_offences,
        sum(case when is_youth then 1 else 0 end) as n_youth_sanctions,
        sum(case when is_youth and is_conviction then 1 else 0 end) as n_youth_convictions,
        sum(case when age_at_offence is null then 1 else 0 end) as n_sanctions_of_unknown_age,
        max(severity_rank) as severity_rank,
        min(sanction_date) as first_sanction_date,
        min(case when is_conviction then sanction_date end) as first_conviction_date,
        sum(n_serious_violence_offences) as n_serious_violence_offences
    from {{ ref('sanctions') }}
    group by pupil_id

),

first_offences as (

    select * from {{ ref('int_first_offences') }}

),

offences as (

    -- an occasion may have offences of both sides of the 18th birthday: what was given for those before it
    select
        pupil_id,
        max(case when age_at_offence < {{ var('youth_end_age') }} then severity_rank end) as youth_severity_rank,
        {% for group in groups -%}
        sum(case when offence_group = '{{ group }}' then 1 else 0 end) as n_{{ group }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_pnc_rows_marked') }}
    where ledger_rule_id = 'used'
    group by pupil_id

),

crown as (

    select distinct pupil_id
    from {{ ref('int_crown_rows_marked') }}
    where ledger_rule_id = 'used'

),

magistrates as (

    select distinct pupil_id
    from {{ ref('int_magistrates_rows_marked') }}
    where ledger_rule_id = 'used'

),

custody as (

    select
        pupil_id,
        min(reception_date) as first_reception_date,
        count(*) as n_receptions,
        sum(case when reception_type = 'remand' then 1 else 0 end) as n_receptions_remand,
        sum(case when reception_type = 'sentence' then 1 else 0 end) as n_receptions_sentence,
        sum(case when reception_type = 'recall' then 1 else 0 end) as n_receptions_recall,
        sum(n_nights_before_18) as n_nights_before_18,
        sum(n_nights - n_nights_before_18) as n_nights_from_18,
        sum(case when is_end_unknown then 1 else 0 end) as n_spells_of_unknown_end
    from {{ ref('int_custody_spells') }}
    group by pupil_id

),

dated as (

    select
        pupils.*,
        -- greatest() leaves NULLs out, and an unknown birth has no follow-up
        case
            when pupils.notional_birth_date is not null
                then greatest({{ birthday('pupils.notional_birth_date', var('criminal_responsibility_age')) }}, period.justice_start_date)
        end as follow_up_start_date,
        {{ birthday('pupils.notional_birth_date', var('criminal_responsibility_age')) }} as responsible_date,
        {{ birthday('pupils.notional_birth_date', var('youth_end_age')) }} as adult_date,
        period.justice_start_date,
        period.justice_end_date
    from pupils
    cross join period

),

final as (

    select
        dated.pupil_id,

        case when supplied.is_link_known then linked.pupil_id is not null end as is_linked_to_justice,
        case when supplied.is_link_known then ambiguous.pupil_id is not null end as has_ambiguous_link,

        case
            when not supplied.is_pnc_known then null
            when coalesce(sanctions.n_convictions, 0) = 0 then 'none'
            when sanctions.n_convictions = 1 then 'one'
            else 'two_or_more'
        end as convictions,
        case when supplied.is_pnc_known then cast(coalesce(sanctions.n_sanctions, 0) as integer) end as n_sanctions,
        case when supplied.is_pnc_known then cast(coalesce(sanctions.n_cautions, 0) as integer) end as n_cautions,
        case when supplied.is_pnc_known then cast(coalesce(sanctions.n_convictions, 0) as integer) end as n_convictions,
        case when supplied.is_pnc_known then cast(coalesce(sanctions.n_offences, 0) as integer) end as n_offences,
        case when supplied.is_pnc_known then cast(coalesce(sanctions.n_youth_sanctions, 0) as integer) end as n_youth_sanctions,
        case when supplied.is_pnc_known then cast(coalesce(sanctions.n_youth_convictions, 0) as integer) end as n_youth_convictions,
        case when supplied.is_pnc_known then cast(coalesce(sanctions.n_sanctions_of_unknown_age, 0) as integer) end
            as n_sanctions_of_unknown_age,

        case when supplied.is_pnc_known then severities.severity end as most_severe_disposal,
        case when supplied.is_pnc_known then youth_severities.severity end as most_severe_disposal_as_youth,
        case when supplied.is_pnc_known then coalesce(sanctions.n_youth_sanctions, 0) >= {{ var('prolific_min_sanctions') }} end as is_prolific,

        first_offences.first_offence_date,
        first_offences.first_offence_age,
        first_offences.is_first_offence_date_from_sentence,
        sanctions.first_sanction_date,
        {{ age_in_years('dated.notional_birth_date', 'sanctions.first_sanction_date') }} as first_sanction_age,
        sanctions.first_conviction_date,

        case when supplied.is_pnc_known then coalesce(sanctions.n_serious_violence_offences, 0) > 0 end as ever_serious_violence,
        case when supplied.is_pnc_known then cast(coalesce(sanctions.n_serious_violence_offences, 0) as integer) end as n_serious_violence_offences,
        first_offences.first_serious_violence_date,
        first_offences.is_first_serious_violence_date_from_sentence,
        {{ age_in_years('dated.notional_birth_date', 'first_offences.first_serious_violence_date') }} as first_serious_violence_age,
        {% for group in groups %}
        case when supplied.is_pnc_known then cast(coalesce(offences.n_{{ group }}, 0) as integer) end as n_offences_{{ group }},
        {%- endfor %}

        case when supplied.is_magistrates_known then magistrates.pupil_id is not null end as ever_magistrates_court,
        case when supplied.is_crown_known then crown.pupil_id is not null end as ever_crown_court,

        case when supplied.is_custody_known then coalesce(custody.n_receptions_remand, 0) > 0 end as ever_remanded,
        case when supplied.is_custody_known then cast(coalesce(custody.n_receptions, 0) as integer) end as n_receptions,
        case when supplied.is_custody_known then cast(coalesce(custody.n_receptions_remand, 0) as integer) end as n_receptions_remand,
        case when supplied.is_custody_known then cast(coalesce(custody.n_receptions_sentence, 0) as integer) end as n_receptions_sentence,
        case when supplied.is_custody_known then cast(coalesce(custody.n_receptions_recall, 0) as integer) end as n_receptions_recall,
        custody.first_reception_date,
        case
            when not supplied.is_custody_known then null
            when custody.pupil_id is null then 0
            else cast(custody.n_nights_before_18 as integer)
        end as custody_nights_before_18,
        case
            when not supplied.is_custody_known then null
            when custody.pupil_id is null then 0
            else cast(custody.n_nights_from_18 as integer)
        end as custody_nights_from_18,
        case when supplied.is_custody_known then cast(coalesce(custody.n_spells_of_unknown_end, 0) as integer) end as n_receptions_of_unknown_end,

        case when dated.follow_up_start_date <= dated.justice_end_date then dated.follow_up_start_date end as follow_up_start_date,
        case when dated.follow_up_start_date <= dated.justice_end_date then dated.justice_end_date end as follow_up_end_date,
        case
            when dated.follow_up_start_date <= dated.justice_end_date
                then {{ round_half_up(dbt.datediff('dated.follow_up_start_date', 'dated.justice_end_date', 'day') ~ ' / 365.25', 2) }}
            when dated.follow_up_start_date > dated.justice_end_date then 0.0
        end as follow_up_years,
        case
            when dated.justice_end_date is not null
                then dated.justice_start_date <= dated.responsible_date and dated.justice_end_date >= dated.adult_date
        end as is_followed_to_18
    from dated
    cross join supplied
    left join linked on dated.pupil_id = linked.pupil_id
    left join ambiguous on dated.pupil_id = ambiguous.pupil_id
    left join sanctions on dated.pupil_id = sanctions.pupil_id
    left join severities on coalesce(sanctions.severity_rank, 0) = severities.rank
    left join offences on dated.pupil_id = offences.pupil_id
    left join severities as youth_severities on coalesce(offences.youth_severity_rank, 0) = youth_severities.rank
    left join first_offences on dated.pupil_id = first_offences.pupil_id
    left join crown on dated.pupil_id = crown.pupil_id
    left join magistrates on dated.pupil_id = magistrates.pupil_id
    left join custody on dated.pupil_id = custody.pupil_id

)

select * from final
