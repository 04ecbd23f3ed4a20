{# One row per enrolment of a pupil in a school year: sessions possible and missed, by term and for the year.
   Grain: none; a pupil who changed school has several rows, and a row may be re-sent.   Keeps: every row. #}

with

source as (

    select * from {{ source('npd', 'absence') }}

),

typed as (

    select
        *,
        {{ clean_id('pupil_matching_ref') }} as pupil_id,
        {{ clean_id('urn') }} as school_urn,
        {{ academic_year_end_or_of_file('academic_year', 'source_file') }} as academic_year_end,
        {{ clean_text('academic_year') }} is null and not is_malformed_row as is_year_of_file,

        {{ clean_integer('sessions_possible_autumn') }} as n_sessions_possible_autumn,
        {{ clean_integer('authorised_absence_autumn') }} as n_authorised_absence_autumn,
        {{ clean_integer('unauthorised_absence_autumn') }} as n_unauthorised_absence_autumn,
        {{ clean_integer('sessions_possible_spring') }} as n_sessions_possible_spring,
        {{ clean_integer('authorised_absence_spring') }} as n_authorised_absence_spring,
        {{ clean_integer('unauthorised_absence_spring') }} as n_unauthorised_absence_spring,
        {{ clean_integer('sessions_possible_summer') }} as n_sessions_possible_summer,
        {{ clean_integer('authorised_absence_summer') }} as n_authorised_absence_summer,
        {{ clean_integer('unauthorised_absence_summer') }} as n_unauthorised_absence_summer,
        {{ clean_integer('sessions_possible_summer_6th') }} as n_sessions_possible_summer_6th,
        {{ clean_integer('authorised_absence_summer_6th') }} as n_authorised_absence_summer_6th,
        {{ clean_integer('unauthorised_absence_summer_6th') }} as n_unauthorised_absence_summer_6th,
        {{ clean_integer('sessions_possible_annual') }} as n_sessions_possible_annual,
        {{ clean_integer('authorised_absence_annual') }} as n_authorised_absence_annual,
        {{ clean_integer('unauthorised_absence_annual') }} as n_unauthorised_absence_annual,
        {{ clean_integer('annual_reason_o') }} as n_unauthorised_other_annual
    from source

),

final as (

    select
        source_file,
        is_malformed_row,

        pupil_id,
        school_urn,
        academic_year_end,
        is_year_of_file,

        n_sessions_possible_autumn,
        n_authorised_absence_autumn,
        n_unauthorised_absence_autumn,

        n_sessions_possible_spring,
        n_authorised_absence_spring,
        n_unauthorised_absence_spring,

        n_sessions_possible_summer,
        n_authorised_absence_summer,
        n_unauthorised_absence_summer,

        n_sessions_possible_summer_6th,
        n_authorised_absence_summer_6th,
        n_unauthorised_absence_summer_6th,

        n_sessions_possible_annual,
        n_authorised_absence_annual,
        n_unauthorised_absence_annual,
        n_unauthorised_other_annual,

        {{ value_findings(
            values={
                'academic_year_end': 'academic_year',
                'n_sessions_possible_autumn': 'sessions_possible_autumn',
                'n_authorised_absence_autumn': 'authorised_absence_autumn',
                'n_unauthorised_absence_autumn': 'unauthorised_absence_autumn',
                'n_sessions_possible_spring': 'sessions_possible_spring',
                'n_authorised_absence_spring': 'authorised_absence_spring',
                'n_unauthorised_absence_spring': 'unauthorised_absence_spring',
                'n_sessions_possible_summer': 'sessions_possible_summer',
                'n_authorised_absence_summer': 'authorised_absence_summer',
                'n_unauthorised_absence_summer': 'unauthorised_absence_summer',
                'n_sessions_possible_summer_6th': 'sessions_possible_summer_6th',
                'n_authorised_absence_summer_6th': 'authorised_absence_summer_6th',
                'n_unauthorised_absence_summer_6th': 'unauthorised_absence_summer_6th',
                'n_sessions_possible_annual': 'sessions_possible_annual',
                'n_authorised_absence_annual': 'authorised_absence_annual',
                'n_unauthorised_absence_annual': 'unauthorised_absence_annual',
                'n_unauthorised_other_annual': 'annual_reason_o',
            },
        ) }} as value_findings
    from typed

)

select * from final
