{# One row per stretch of time in which a pupil could have a first sanction, at one level of social care known so far.
   Grain: pupil_id, spell_number.
   Population: pupils followed by follow_up, from its start to its stop; nights in custody are left out.
   Rule: a stretch ends where the highest level known so far rises or becomes known (int_level_steps), at custody that begins
   before the day of the first sanctioned offence, at that offence, at death, a move abroad, or where the data end. Times are days since the 10th birthday, start inside and stop outside: (start, stop] for a Cox model.

       R:      survival::coxph(Surv(start_day, stop_day, is_event) ~ social_care_level_so_far + sex_code, data = spells, id = pupil_id)
       Stata:  stset stop_day, failure(is_event) id(pupil_id) time0(start_day) #}

with

follow_up as (

    select pupil_id, origin_date, start_date, stop_date, event_date, stop_kind
    from {{ ref('follow_up') }}
    where follow_up_status = 'followed'

),

level_steps as (

    select * from {{ ref('int_level_steps') }}

),

custody as (

    -- what begins on the day of the offence or later takes no night out
    select spells.pupil_id, spells.nights_from_date, spells.nights_to_date
    from {{ ref('int_custody_spells') }} as spells
    inner join follow_up on spells.pupil_id = follow_up.pupil_id
    where spells.nights_to_date > spells.nights_from_date
        and spells.nights_from_date < coalesce(follow_up.event_date, follow_up.stop_date)

),

levels as (

    select level, rank from {{ ref('social_care_levels') }}

),

characteristics as (

    select pupil_id, sex_code, ethnicity_major_code, cohort_academic_year, local_authority_code from {{ ref('pupils') }}

),

changes as (

    select pupil_id, from_date as change_date from level_steps
    union all
    select pupil_id, nights_from_date as change_date from custody
    union all
    select pupil_id, nights_to_date as change_date from custody

),

cuts as (

    -- every day on which something begins or ends; the day of the offence is one of its own where it falls in custody
    select pupil_id, start_date as cut_date from follow_up
    union
    select follow_up.pupil_id, changes.change_date as cut_date
    from follow_up
    inner join changes on follow_up.pupil_id = changes.pupil_id
    where changes.change_date > follow_up.start_date and changes.change_date < follow_up.stop_date
    union
    select follow_up.pupil_id, follow_up.event_date as cut_date
    from follow_up
    inner join custody on follow_up.pupil_id = custody.pupil_id
    where custody.nights_to_date > follow_up.event_date

),

stretches as (

    select
        cuts.pupil_id,
        cuts.cut_date as start_date,
        coalesce(lead(cuts.cut_date) over (partition by cuts.pupil_id order by cuts.cut_date nulls last), follow_up.stop_date) as stop_date,
        follow_up.origin_date,
        follow_up.stop_date as follow_up_stop_date,
        follow_up.event_date,
        follow_up.stop_kind
    from cuts
    inner join follow_up on cuts.pupil_id = follow_up.pupil_id

),

in_custody as (

    select stretches.pupil_id, stretches.start_date
    from stretches
    inner join custody
        on stretches.pupil_id = custody.pupil_id
        and custody.nights_from_date <= stretches.start_date
        and custody.nights_to_date > stretches.start_date
    group by stretches.pupil_id, stretches.start_date

),

levelled as (

    select stretches.pupil_id, stretches.start_date, max(level_steps.level_rank) as level_rank
    from stretches
    inner join level_steps on stretches.pupil_id = level_steps.pupil_id and level_steps.from_date <= stretches.start_date
    group by stretches.pupil_id, stretches.start_date

),

at_risk as (

    select
        stretches.*,
        levelled.level_rank,
        coalesce(stretches.event_date = cast({{ dbt.dateadd('day', -1, 'stretches.stop_date') }} as date), false) as is_event
    from stretches
    left join in_custody on stretches.pupil_id = in_custody.pupil_id and stretches.start_date = in_custody.start_date
    left join levelled on stretches.pupil_id = levelled.pupil_id and stretches.start_date = levelled.start_date
    where in_custody.pupil_id is null
        or stretches.start_date = stretches.event_date

),

final as (

    select
        at_risk.pupil_id,
        cast(row_number() over (partition by at_risk.pupil_id order by at_risk.start_date nulls last) as integer) as spell_number,
        cast({{ dbt.datediff('at_risk.origin_date', 'at_risk.start_date', 'day') }} as integer) as start_day,
        cast({{ dbt.datediff('at_risk.origin_date', 'at_risk.stop_date', 'day') }} as integer) as stop_day,
        at_risk.is_event,
        levels.level as social_care_level_so_far,
        characteristics.sex_code,
        characteristics.ethnicity_major_code,
        characteristics.cohort_academic_year,
        characteristics.local_authority_code,
        at_risk.start_date,
        at_risk.stop_date,
        case
            when at_risk.stop_date = at_risk.follow_up_stop_date then at_risk.stop_kind
            when custody.pupil_id is not null then 'custody'
            else 'level_change'
        end as stop_kind
    from at_risk
    left join levels on at_risk.level_rank = levels.rank
    inner join characteristics on at_risk.pupil_id = characteristics.pupil_id
    left join (select distinct pupil_id, nights_from_date from custody) as custody
        on at_risk.pupil_id = custody.pupil_id and at_risk.stop_date = custody.nights_from_date

)

select * from final
