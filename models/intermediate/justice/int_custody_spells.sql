{# One row per reception of a pupil into custody: until when it lasted, and which of its nights no earlier one holds.
   Grain: pupil_id, reception_date, reception_type.   Population: used rows of the custody data.
   Rule: rows that repeat a reception are one. An open spell runs to the pupil's next reception, else to the last day
   found in the justice data, whose own night is not counted; a spell whose release date cannot be read has no known nights. The night of release is not in custody.
   A night counts once, however many spells hold it, and nights are split at the 18th birthday. #}

with

received as (

    select
        pupil_id,
        reception_date,
        reception_type,
        max(release_date) as release_date,
        max(case when is_open then 1 else 0 end) = 1 as is_open
    from {{ ref('int_custody_rows_marked') }}
    where ledger_rule_id = 'used'
    group by pupil_id, reception_date, reception_type

),

period as (

    select data_end_date from {{ ref('int_justice_period') }}

),

attributes as (

    select child_key, notional_birth_date from {{ ref('int_child_attributes_resolved') }}

),

followed as (

    select
        *,
        lead(reception_date) over (partition by pupil_id order by reception_date nulls last, reception_type nulls last) as next_reception_date
    from received

),

ended as (

    select
        followed.pupil_id,
        followed.reception_date,
        followed.reception_type,
        case
            when followed.release_date is not null then followed.release_date
            when followed.is_open
                then coalesce(followed.next_reception_date, greatest(period.data_end_date, followed.reception_date))
        end as end_date,
        followed.release_date is null and followed.is_open as is_open,
        {{ birthday('attributes.notional_birth_date', var('youth_end_age')) }} as adult_date
    from followed
    cross join period
    left join attributes on followed.pupil_id = attributes.child_key

),

reached as (

    -- how far earlier spells of the pupil reach; coalesced so that a spell without a known end reaches nowhere
    select
        *,
        max(coalesce(end_date, reception_date)) over (
            partition by pupil_id
            order by reception_date nulls last, reception_type nulls last
            rows between unbounded preceding and 1 preceding
        ) as earlier_end_date
    from ended

),

counted as (

    select
        *,
        least(greatest(reception_date, coalesce(earlier_end_date, reception_date)), coalesce(end_date, reception_date)) as nights_from_date,
        coalesce(end_date, reception_date) as nights_to_date
    from reached

),

final as (

    select
        pupil_id,
        reception_date,
        reception_type,
        end_date,
        is_open,
        end_date is null as is_end_unknown,
        nights_from_date,
        nights_to_date,
        cast({{ dbt.datediff('nights_from_date', 'nights_to_date', 'day') }} as bigint) as n_nights,
        cast(case when adult_date is not null
            then {{ dbt.datediff('least(nights_from_date, adult_date)', 'least(nights_to_date, adult_date)', 'day') }} end as bigint) as n_nights_before_18
    from counted

)

select * from final
