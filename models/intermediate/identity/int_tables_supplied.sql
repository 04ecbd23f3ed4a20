{# One row: which source tables the extract supplies.
   Grain: one row.   Rule: what is not supplied is unknown, and makes the columns that need it NULL, never 0 or false. #}

with

files as (

    select source_table, is_supplied from {{ ref('stg_extract__files') }}

),

final as (

    select
        max(case when source_table = 'cla.episodes' and is_supplied then 1 else 0 end) = 1 as is_cla_supplied,
        max(case when source_table = 'cin.episodes' and is_supplied then 1 else 0 end) = 1 as is_cin_supplied,
        max(case when source_table = 'npd.school_census' and is_supplied then 1 else 0 end) = 1 as is_school_census_supplied,
        max(case when source_table = 'npd.pru_census' and is_supplied then 1 else 0 end) = 1 as is_pru_census_supplied,
        max(case when source_table = 'npd.ap_census' and is_supplied then 1 else 0 end) = 1 as is_ap_census_supplied,
        max(case when source_table = 'npd.absence' and is_supplied then 1 else 0 end) = 1 as is_absence_supplied,
        max(case when source_table = 'npd.exclusions' and is_supplied then 1 else 0 end) = 1 as is_exclusions_supplied,
        max(case when source_table = 'npd.ks2' and is_supplied then 1 else 0 end) = 1 as is_ks2_supplied,
        max(case when source_table = 'npd.ks4' and is_supplied then 1 else 0 end) = 1 as is_ks4_supplied,
        max(case when source_table = 'links.pupil_offender' and is_supplied then 1 else 0 end) = 1 as is_link_supplied,
        max(case when source_table = 'pnc.offences' and is_supplied then 1 else 0 end) = 1 as is_pnc_supplied,
        max(case when source_table = 'courts.magistrates' and is_supplied then 1 else 0 end) = 1 as is_magistrates_supplied,
        max(case when source_table = 'courts.crown' and is_supplied then 1 else 0 end) = 1 as is_crown_supplied,
        max(case when source_table = 'prisons.custody' and is_supplied then 1 else 0 end) = 1 as is_custody_supplied
    from files

)

select * from final
