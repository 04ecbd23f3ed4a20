"""One DuckDB script without dbt: the job of benchmarks/README.md, from text to one row per pupil.

Arguments: folder of a clean extract; CSV file to write; number of threads.
"""

import re
import sys
import tempfile
from pathlib import Path

import duckdb

folder, out, threads = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
SEEDS = Path(__file__).parents[2] / "seeds"
# tables that do not fit into memory go into a file
scratch = tempfile.TemporaryDirectory(dir=Path(out).parent)
database = f"{scratch.name}/tables.duckdb" if sum(path.stat().st_size for path in folder.glob("*.txt")) > 8e9 else ":memory:"
con = duckdb.connect(database, config={"threads": threads, "memory_limit": "16GB", "preserve_insertion_order": False})


def plain(name: str) -> str:
    """A column name without signs, letter case, the table's prefix and the year's suffix."""
    name = re.sub("[^a-z0-9]", "", name.lower())
    return re.sub("^(ks4|ks2|pru|ap|cla|cin)", "", re.sub("(spr|ab|ex)[0-9]{2}$", "", name))


def read(pattern: str, columns: list[str]) -> str:
    """A select of some columns of all files of a table; NULL where a file does not have one."""
    parts = []
    for path in sorted(folder.glob(pattern)):
        header = path.open(encoding="utf-8-sig").readline().rstrip("\r\n").split("\t")
        names = {plain(name): i for i, name in reversed(list(enumerate(header)))}
        chosen = ", ".join(f"c{names[column]} as {column}" if column in names else f"null::varchar as {column}" for column in columns)
        types = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(header)))
        parts.append(
            f"select {chosen} from read_csv('{path}', delim='\t', quote='', escape='', header=false, skip=1, "
            f"auto_detect=false, null_padding=true, columns={{{types}}})"
        )
    return " union all ".join(parts)


YEAR = "left(academicyear, 4)::int + 1"
ACADYR = "left(acadyr, 4)::int + 1"
con.execute(f"""
create table census as
select pupilmatchingrefanonymous as pupil_id, mojuid, {YEAR} as y, la, urn, yearofbirth::int * 100 + monthofbirth::int as born, fsmeligible = '1' as fsm,
    ncyearactual as nc, case when enrolstatus in ('C', 'M') then 1 when enrolstatus is null then 2 when enrolstatus = 'S' then 4 else 3 end as place
from ({read("Spring_*.txt", ["pupilmatchingrefanonymous", "mojuid", "academicyear", "la", "urn", "yearofbirth", "monthofbirth", "fsmeligible", "ncyearactual", "enrolstatus"])});

create table unit as
select pupilmatchingrefanonymous as pupil_id, {ACADYR} as y, la, urn, yearofbirth::int * 100 + monthofbirth::int as born, fsmeligible = '1' as fsm, ncyearactual as nc
from ({read("PRU_*.txt", ["pupilmatchingrefanonymous", "acadyr", "la", "urn", "yearofbirth", "monthofbirth", "fsmeligible", "ncyearactual"])});

create table ap as
select pupilmatchingrefanonymous as pupil_id, {ACADYR} as y, fsmeligible = '1' as fsm
from ({read("AP_*.txt", ["pupilmatchingrefanonymous", "acadyr", "fsmeligible"])});

create table absence as
select pupil_id, y, sum(possible) as possible, sum(missed) as missed from (
    select pupilmatchingrefanonymous as pupil_id, {YEAR} as y,
        coalesce(sessionspossibleautumn::int, 0) + coalesce(sessionspossiblespring::int, 0) + coalesce(sessionspossiblesummer::int, 0)
            + case when y >= 2013 then coalesce(sessionspossiblesummer6th::int, 0) else 0 end as possible,
        {" + ".join(f"coalesce({kind}absence{term}::int, 0)" for kind in ("authorised", "unauthorised") for term in ("autumn", "spring", "summer"))}
            + case when y >= 2013 then coalesce(authorisedabsencesummer6th::int, 0) + coalesce(unauthorisedabsencesummer6th::int, 0) else 0 end as missed
    from ({read("Absence_*.txt", ["pupilmatchingrefanonymous", "academicyear"] + [k + t for k in ("sessionspossible", "authorisedabsence", "unauthorisedabsence") for t in ("autumn", "spring", "summer", "summer6th")])})
) group by all;

create table cla as
select pupilmatchingrefanonymous as pupil_id, childlacodeanon || '-' || childidanon as child_id, mojuid, yearofbirth::int * 100 + monthofbirth::int as born, {ACADYR} as y,
    dateepicomm::date as start_date, case when rec = '-10' or dateepiceased is null then make_date(y, 3, 31) else least(dateepiceased::date, make_date(y, 3, 31)) end as end_date,
    legalstatus in (select code from read_csv('{SEEDS}/lookups/cla_legal_status.csv', all_varchar=true) where is_respite = 'true') as is_respite,
    case when reasonfornewepisode is distinct from 'S' then pocstart::date end as period_start
from ({read("CLA_*.txt", ["pupilmatchingrefanonymous", "mojuid", "yearofbirth", "monthofbirth", "acadyr", "dateepicomm", "dateepiceased", "rec", "legalstatus", "childlacodeanon", "childidanon", "pocstart", "reasonfornewepisode"])});

create table cin as
select pupilmatchingrefanonymous as pupil_id, coalesce(cinla, la) || '-' || lachildidanon as child_id, mojuid, yearofbirth::int * 100 + monthofbirth::int as born, {ACADYR} as y, referraldate::date as referred,
    at31march = '1' as in_need,
    coalesce(categoryofabuse, abusecatfirst, initialcategoryofabuse, latestcategoryofabuse, cppstartdate, cppenddate) is not null or coalesce(numberofpreviouscpp::int, 0) >= 1 as has_plan
from (select * rename (cinreferraldate as referraldate, cinat31march as at31march) from ({read("CIN_*.txt", ["pupilmatchingrefanonymous", "mojuid", "yearofbirth", "monthofbirth", "acadyr", "cinreferraldate", "cinat31march", "categoryofabuse", "abusecatfirst", "initialcategoryofabuse", "latestcategoryofabuse", "cppstartdate", "cppenddate", "numberofpreviouscpp", "cinla", "la", "lachildidanon"])}));
""")

# a child whose rows name one pupil is that pupil on its other rows too
for table in ("cla", "cin"):
    con.execute(f"""
create or replace table {table} as
select t.* replace (coalesce(t.pupil_id, c.pupil_id) as pupil_id)
from {table} t left join (select child_id, min(pupil_id) as pupil_id from {table} group by 1 having count(distinct pupil_id) = 1) c using (child_id)
""")

slots = ", ".join(f"{{'category': category{i}, 'start': startdate{i}, 'reason': reason{i}, 'sessions': sessions{i}}}" for i in [""] + list(range(1, 41)))
con.execute(f"""
create table exclusions as
select distinct pupil_id, y, category, reason, start::date as start_date, sessions from (
    select pupilmatchingrefanonymous as pupil_id, {YEAR} as y, unnest(list_filter([{slots}], lambda x: x.category is not null), recursive := true)
    from ({read("Exclusions_*.txt", ["pupilmatchingrefanonymous", "academicyear"] + [f"{k}{i}" for i in [""] + list(range(1, 41)) for k in ("category", "startdate", "reason", "sessions")])})
);

create table ks4 as
select pupilmatchingrefanonymous as pupil_id, {ACADYR} as y, natres = '1' as national, passesac::int as good, att8::double as att8,
    case when y <= 2013 then level2em when y = 2014 then level2emptq when y <= 2016 then level2emptqee else glevel2emptqee end = '1' as level2,
    case when y <= 2013 then ptscnewe when y = 2014 then ptscneweptq when y <= 2016 then ptscneweptqee end::double as points
from ({read("KS4Pupil_*.txt", ["pupilmatchingrefanonymous", "acadyr", "natres", "level2em", "level2emptq", "level2emptqee", "glevel2emptqee", "ptscnewe", "ptscneweptq", "ptscneweptqee", "att8", "passesac"])});

create table ks2 as select pupilmatchingrefanonymous as pupil_id from ({read("KS2Pupil_*.txt", ["pupilmatchingrefanonymous"])});
create table link as select mojuid, pupilmatchingrefanonymous as pupil_id from ({read("MoJ_DfE_Link.txt", ["mojuid", "pupilmatchingrefanonymous"])});
create table pnc as select * from ({read("PNC_*.txt", ["mojuid", "pupilmatchingrefanonymous", "recno", "offence", "offencedate", "offenceage", "sentencedate", "disposalcode", "disposaltext", "conviction", "country"])});
""")

con.execute(f"""
create table births as
select pupil_id, b // 100 as birth_year, b % 100 as birth_month, make_date(b // 100, b % 100, 1) as birth
from (select pupil_id, min(born) as b from (select pupil_id, born from census union all select pupil_id, born from unit union all select pupil_id, born from cla union all select pupil_id, born from cin) where pupil_id is not null group by 1);

create table listed as
select pupil_id, bool_or(is_education) as is_education from (
    select distinct pupil_id, true as is_education from census union all select pupil_id, true from unit union all select pupil_id, true from ap
    union all select distinct pupil_id, true from absence union all select pupil_id, true from exclusions union all select pupil_id, true from ks2 union all select pupil_id, true from ks4
    union all select pupil_id, false from cla union all select pupil_id, false from cin union all select pupil_id, false from link
    union all select pupilmatchingrefanonymous, false from pnc
) where pupil_id is not null group by 1;

-- school: the main registration of each pupil and year
create table years as
select pupil_id, y, arg_min(urn, k) filter (urn is not null) as urn, arg_min(nc, k) filter (nc is not null) as nc, max(fsm) as fsm from (
    select pupil_id, y, urn, nc, fsm, place || la || urn as k from census
    union all select pupil_id, y, urn, nc, fsm, '8' || la || urn from unit
    union all select pupil_id, y, null, null, fsm, '9' from ap
) group by 1, 2;

create table schooling as
select pupil_id, min(y) as first_census_year, max(y) as last_census_year, count(*) as n_years_observed, count(distinct urn) as n_schools, max(fsm) as ever_free_school_meals
from years group by 1;

create table absences as
select pupil_id, bool_or(missed * 100 >= possible * 10) filter (possible > 0) as ever_persistently_absent,
    sum(possible) filter (is_secondary) as n_secondary_sessions_possible, sum(missed) filter (is_secondary) as n_secondary_overall_absence
from (
    select a.pupil_id, a.possible, a.missed,
        coalesce(case nc when 'R' then 0 when 'N1' then -2 when 'N2' then -1 else try_cast(nc as int) end, a.y - 5 - year(birth) - (month(birth) >= 9)::int) between 7 and 11 as is_secondary
    from absence a left join years using (pupil_id, y) left join births using (pupil_id)
) group by 1;

create table suspended as
select pupil_id, count(*) filter (category in ('FIXD', 'SUSP')) as n, min(start_date) filter (category in ('FIXD', 'SUSP')) as first_suspension_date,
    count(distinct coalesce(start_date::varchar, y || category)) filter (category = 'PERM') as n_permanent
from exclusions where category <> 'LNCH' group by 1;

create table seen as
select distinct pupil_id from (select pupil_id, y from years union all select pupil_id, y from absence) where y between 2006 and 2021;

create table results as
select pupil_id, y as ks4_academic_year_end, level2 as achieved_level2_english_maths, att8 as attainment_8_score
from ks4 where pupil_id is not null
qualify row_number() over (partition by pupil_id order by national desc nulls last, level2 desc nulls last, (level2 and good >= 5) desc nulls last, att8 desc nulls last, points desc nulls last, good desc nulls last, y) = 1;

-- social care
create table care as
with episodes as (
    -- what ran before the first return counts from the start of its period of care
    select pupil_id, case when start_date < make_date((select min(y) from cla) - 1, 4, 1) then least(start_date, arg_max(period_start, k)) else start_date end as start_date,
        arg_max(least(end_date, coalesce(birth + interval 18 year, end_date)::date), k) as end_date, arg_max(is_respite, k) as is_respite
    from (select cla.*, birth, y * 100000 + (case when is_respite then 0 else 50000 end) + (end_date - date '1980-01-01') as k from cla left join births using (pupil_id))
    where pupil_id is not null and end_date >= start_date
        and coalesce(start_date >= birth - interval 7 month and start_date < birth + interval 18 year, true)
    group by pupil_id, start_date
),
reached as (select *, max(end_date) over (partition by pupil_id order by start_date, end_date rows between unbounded preceding and 1 preceding) as reached from episodes where not is_respite),
numbered as (select *, sum(case when start_date <= reached then 0 else 1 end) over (partition by pupil_id order by start_date, end_date rows unbounded preceding) as n from reached),
spells as (select pupil_id, n, min(start_date) as s, max(end_date) as e from numbered group by 1, 2)
select pupil_id, min(s) as first_care_date, count(*) as n_care_spells, sum(e - s) as care_days_observed from spells group by 1;

create table need as
select pupil_id, bool_or(in_need) as ever_child_in_need, count(distinct y) filter (in_need) as years_child_in_need, bool_or(has_plan) as ever_child_protection_plan
from (
    select pupil_id, y, in_need and coalesce(make_date(y, 3, 31) < birth + interval 18 year, true) as in_need, has_plan from cin left join births using (pupil_id)
    where pupil_id is not null
        and coalesce(referred >= birth - interval 7 month and referred < birth + interval 18 year, true)
        and coalesce(make_date(y, 3, 31) >= birth - interval 7 month and make_date(y - 1, 4, 1) < birth + interval 18 year, true)
) group by 1;

-- justice
create table people as
select mojuid, arg_min(pupil_id, k) as pupil_id from (
    select mojuid, pupil_id, 1 as k from link union all select mojuid, pupilmatchingrefanonymous, 2 from pnc
    union all select mojuid, pupil_id, 3 from census union all select mojuid, pupil_id, 3 from cla union all select mojuid, pupil_id, 3 from cin
) where mojuid is not null and pupil_id is not null group by 1;

create table offences as
with disposals as (select code, label, code_group from read_csv('{SEEDS}/lookups/pnc_disposal.csv', all_varchar=true)),
dated as (
    select pupil_id, recno, coalesce(t.code_group, c.code_group, case when conviction = '1' then 'non_custodial' when conviction = '0' then 'caution' end) as disposal, offencedate::date as offence_date, sentencedate::date as sentence_date,
        offenceage::int as offence_age, lpad(split_part(offence, ' ', 1), 5, '0') in (select code from read_csv('{SEEDS}/lookups/serious_violence_offence.csv', all_varchar=true)) as serious
    from pnc join people using (mojuid)
    left join disposals t on upper(disposaltext) = t.label left join disposals c on disposalcode = c.code
    where upper(country) in ('ENGLAND AND WALES', 'ENGLAND', 'WALES')
)
select pupil_id, disposal <> 'caution' as is_conviction, sentence_date, coalesce(offence_date, sentence_date) as offence_date, serious
from dated left join births using (pupil_id)
where disposal in ('caution', 'non_custodial', 'custodial')
    and coalesce(date_sub('year', birth, coalesce(offence_date, sentence_date)), offence_age, 10) >= 10;

create table justice as
select pupil_id, count(distinct (is_conviction, sentence_date)) as n_sanctions, count(distinct sentence_date) filter (is_conviction) as n_convictions,
    min(offence_date) as first_offence_date, min(sentence_date) as first_sanction_date, bool_or(serious) as ever_serious_violence
from offences group by 1;

copy (
    select pupil_id, birth_year, birth_month,
        first_census_year, last_census_year, n_years_observed, n_schools, ever_free_school_meals,
        ever_persistently_absent, n_secondary_sessions_possible, n_secondary_overall_absence,
        case when suspended.pupil_id is not null then suspended.n when seen.pupil_id is not null then 0 end as n_suspensions, first_suspension_date,
        case when suspended.pupil_id is not null then suspended.n_permanent when seen.pupil_id is not null then 0 end as n_permanent_exclusions,
        ks4_academic_year_end, achieved_level2_english_maths, attainment_8_score,
        case when care.pupil_id is not null then 'child_looked_after' when ever_child_protection_plan then 'child_protection_plan' when ever_child_in_need then 'child_in_need'
            when need.pupil_id is not null then 'referral_only' when is_education then 'no_contact' end as social_care_level,
        care.pupil_id is not null as ever_child_looked_after, first_care_date, date_sub('year', birth, first_care_date) as age_first_care,
        coalesce(n_care_spells, 0) as n_care_spells, care_days_observed,
        coalesce(ever_child_protection_plan, false) as ever_child_protection_plan, coalesce(ever_child_in_need, false) as ever_child_in_need, coalesce(years_child_in_need, 0) as years_child_in_need,
        coalesce(n_sanctions, 0) as n_sanctions, coalesce(n_convictions, 0) as n_convictions, first_sanction_date, first_offence_date, coalesce(ever_serious_violence, false) as ever_serious_violence,
        case when first_care_date is null and first_offence_date is null then 'neither' when first_care_date is null then 'offence_only' when first_offence_date is null then 'contact_only'
            when first_care_date = first_offence_date then 'same_day'
            when first_care_date <= first_offence_date - interval 1 year then 'contact_one_year_or_more_before' when first_care_date < first_offence_date then 'contact_within_one_year_before'
            when first_offence_date <= first_care_date - interval 1 year then 'offence_one_year_or_more_before' else 'offence_within_one_year_before' end as child_looked_after_and_offence_order
    from listed left join births using (pupil_id) left join schooling using (pupil_id) left join absences using (pupil_id) left join suspended using (pupil_id) left join seen using (pupil_id)
    left join results using (pupil_id) left join care using (pupil_id) left join need using (pupil_id) left join justice using (pupil_id)
) to '{out}' (header, delimiter ',')
""")
