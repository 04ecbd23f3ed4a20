{# Pupils whose level is not the highest that their own flags give. #}
with

exposures as (

    select
        pupil_id, social_care_level, social_care_level_rank, is_referral_only,
        ever_child_looked_after, ever_child_protection_plan, ever_child_in_need
    from {{ ref('social_care_exposures') }}

),

levels as (

    select level, rank from {{ ref('social_care_levels') }}

),

expected as (

    select
        *,
        case
            when ever_child_looked_after then 'child_looked_after'
            when ever_child_looked_after is null then 'none'
            when ever_child_protection_plan then 'child_protection_plan'
            when ever_child_in_need then 'child_in_need'
            when ever_child_in_need is null then 'none'
        end as level_of_flags
    from exposures

)

select expected.*
from expected
left join levels on expected.social_care_level = levels.level
where (level_of_flags is not null and level_of_flags <> coalesce(social_care_level, 'none'))
    or (level_of_flags is null and coalesce(social_care_level, 'none') not in ('referral_only', 'no_contact', 'none'))
    or social_care_level_rank is distinct from levels.rank
    or is_referral_only is distinct from (social_care_level = 'referral_only')
