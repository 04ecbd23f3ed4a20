"""Polars, lazy with the streaming engine: the job of benchmarks/README.md. Arguments: folder of a clean extract; CSV file to write; number of threads."""

import os
import re
import sys
from pathlib import Path

os.environ["POLARS_MAX_THREADS"] = sys.argv[3]
import polars as pl  # noqa: E402  (the number of threads is read on import)

folder, out = Path(sys.argv[1]), sys.argv[2]
SEEDS = Path(__file__).parents[2] / "seeds" / "lookups"
pl.Config.set_engine_affinity("streaming")


def plain(name):
    name = re.sub("[^a-z0-9]", "", name.lower())
    return re.sub("^(ks4|ks2|pru|ap|cla|cin)", "", re.sub("(spr|ab|ex)[0-9]{2}$", "", name))


def read(pattern, columns):
    """A lazy table of some columns of all its files, as text."""
    parts = []
    for path in sorted(folder.glob(pattern)):
        with path.open(encoding="utf-8-sig") as file:
            header = file.readline().rstrip("\r\n").split("\t")
        names = {}
        for i, name in enumerate(header):
            names.setdefault(plain(name), f"c{i}")
        part = pl.scan_csv(path, separator="\t", has_header=False, skip_rows=1, quote_char=None, infer_schema=False,
                           schema={f"c{i}": pl.String for i in range(len(header))})
        parts.append(part.select(pl.col(names[c]).alias(c) if c in names else pl.lit(None, pl.String).alias(c) for c in columns))
    return pl.concat(parts)


def year(name):
    return pl.col(name).str.slice(0, 4).cast(pl.Int32) + 1


def integer(*names):
    return [pl.col(name).cast(pl.Int32) for name in names]


def day(name):
    return pl.col(name).str.to_date("%Y-%m-%d")


col, lit, when = pl.col, pl.lit, pl.when
ID = "pupilmatchingrefanonymous"
born = (col("yearofbirth").cast(pl.Int32) * 100 + col("monthofbirth").cast(pl.Int32)).alias("born")
fsm = (col("fsmeligible") == "1").fill_null(False).alias("fsm")

enrol = col("enrolstatus")
census = read("Spring_*.txt", [ID, "mojuid", "academicyear", "la", "urn", "yearofbirth", "monthofbirth", "fsmeligible", "ncyearactual", "enrolstatus"]).select(
    ID, "mojuid", year("academicyear").alias("y"), "la", "urn", born, fsm, "ncyearactual",
    when(enrol.is_in(["C", "M"])).then(1).when(enrol.is_null()).then(2).when(enrol == "S").then(4).otherwise(3).alias("place")).collect()
unit = read("PRU_*.txt", [ID, "acadyr", "la", "urn", "yearofbirth", "monthofbirth", "fsmeligible", "ncyearactual"]).select(
    ID, year("acadyr").alias("y"), "la", "urn", born, fsm, "ncyearactual", lit(8, pl.Int32).alias("place")).collect()
ap = read("AP_*.txt", [ID, "acadyr", "fsmeligible"]).select(ID, year("acadyr").alias("y"), fsm, lit(9, pl.Int32).alias("place")).collect()

terms = ["autumn", "spring", "summer"]
kinds = ["authorisedabsence", "unauthorisedabsence"]


def of_terms(names):
    sixth = pl.sum_horizontal(col(n + "summer6th").cast(pl.Int32) for n in names)
    return pl.sum_horizontal(col(n + t).cast(pl.Int32) for n in names for t in terms) + when(year("academicyear") >= 2013).then(sixth).otherwise(0)


absence = (
    read("Absence_*.txt", [ID, "academicyear"] + [k + t for k in ["sessionspossible"] + kinds for t in terms + ["summer6th"]])
    .select(ID, year("academicyear").alias("y"), of_terms(["sessionspossible"]).alias("possible"), of_terms(kinds).alias("missed"))
    .group_by(ID, "y").agg(col("possible").sum(), col("missed").sum()).collect())

respites = pl.read_csv(SEEDS / "cla_legal_status.csv").filter("is_respite")["code"].to_list()
march = pl.date(year("acadyr"), 3, 31)
cla = read("CLA_*.txt", [ID, "mojuid", "yearofbirth", "monthofbirth", "acadyr", "dateepicomm", "dateepiceased", "rec", "legalstatus", "childlacodeanon", "childidanon", "pocstart", "reasonfornewepisode"]).select(
    ID, (col("childlacodeanon") + "-" + col("childidanon")).alias("child"), "mojuid", born, year("acadyr").alias("y"), day("dateepicomm").alias("start"),
    when((col("rec") == "-10").fill_null(False) | col("dateepiceased").is_null()).then(march).otherwise(pl.min_horizontal(day("dateepiceased"), march)).alias("end"),
    col("legalstatus").is_in(respites).fill_null(False).alias("respite"),
    when((col("reasonfornewepisode") != "S").fill_null(True)).then(day("pocstart")).alias("period")).collect()
signs = ["categoryofabuse", "abusecatfirst", "initialcategoryofabuse", "latestcategoryofabuse", "cppstartdate", "cppenddate"]
cin = read("CIN_*.txt", [ID, "mojuid", "yearofbirth", "monthofbirth", "acadyr", "cinreferraldate", "cinat31march", "numberofpreviouscpp", "cinla", "la", "lachildidanon"] + signs).select(
    ID, (pl.coalesce("cinla", "la") + "-" + col("lachildidanon")).alias("child"), "mojuid", born, year("acadyr").alias("y"), day("cinreferraldate").alias("referred"), (col("cinat31march") == "1").fill_null(False).alias("in_need"),
    (pl.any_horizontal(col(signs).is_not_null()) | (col("numberofpreviouscpp").cast(pl.Int32) >= 1).fill_null(False)).alias("plan")).collect()


def filled(table):
    """A child whose rows name one pupil is that pupil on its other rows too."""
    pupils_of_child = table.select("child", ID).drop_nulls().unique()
    one = pupils_of_child.filter(col("child").is_unique()).rename({ID: "found"})
    return table.join(one, on="child", how="left").with_columns(pl.coalesce(ID, "found").alias(ID)).drop("found", "child")


cla, cin = filled(cla), filled(cin)

slots = [""] + [str(i) for i in range(1, 41)]
wide = read("Exclusions_*.txt", [ID, "academicyear"] + [k + s for s in slots for k in ("category", "reason", "startdate", "sessions")])
exclusions = pl.concat([
    wide.filter(col("category" + s).is_not_null()).select(ID, year("academicyear").alias("y"), col("category" + s).alias("category"), col("reason" + s).alias("reason"),
                                                           day("startdate" + s).alias("start"), col("sessions" + s).alias("sessions")) for s in slots]).unique().collect()

marks = ["level2em", "level2emptq", "level2emptqee", "glevel2emptqee"]
points = ["ptscnewe", "ptscneweptq", "ptscneweptqee"]


def of_rule(names):
    *rest, last = [col(n).cast(pl.Float64) for n in names] + ([lit(None, pl.Float64)] if len(names) == 3 else [])
    return when(col("y") <= 2013).then(rest[0]).when(col("y") == 2014).then(rest[1]).when(col("y") <= 2016).then(rest[2]).otherwise(last)


ks4 = (
    read("KS4Pupil_*.txt", [ID, "acadyr", "natres", "att8", "passesac"] + marks + points).filter(col(ID).is_not_null()).with_columns(year("acadyr").alias("y"))
    .select(ID, "y", "natres", of_rule(marks).alias("achieved"), of_rule(points).alias("points"), col("att8").cast(pl.Float64), col("passesac").cast(pl.Int32).alias("good"))
    .with_columns(((col("achieved") == 1) & (col("good") >= 5)).alias("five"))
    .sort(["natres", "achieved", "five", "att8", "points", "good", "y"], descending=[True] * 6 + [False], nulls_last=True)
    .unique(ID, keep="first", maintain_order=True)
    .select(ID, col("y").alias("ks4_academic_year_end"), (col("achieved") == 1).alias("achieved_level2_english_maths"), col("att8").alias("attainment_8_score")).collect())
ks2 = read("KS2Pupil_*.txt", [ID]).unique().collect()
link = read("MoJ_DfE_Link.txt", ["mojuid", ID]).collect()
pnc = read("PNC_*.txt", ["mojuid", ID, "recno", "offence", "offencedate", "offenceage", "sentencedate", "disposalcode", "disposaltext", "conviction", "country"]).collect()

births = (
    pl.concat([t.lazy().select(ID, "born") for t in (census, unit, cla, cin)]).drop_nulls().group_by(ID).agg(col("born").min())
    .select(ID, (col("born") // 100).alias("birth_year"), (col("born") % 100).alias("birth_month"), pl.date(col("born") // 100, col("born") % 100, 1).alias("birth")).collect())
births_lazy = births.lazy().select(ID, "birth")
education = pl.concat([t.lazy().select(ID) for t in (census, unit, ap, absence, exclusions, ks2, ks4)]).drop_nulls().unique().with_columns(is_education=lit(True))
others = pl.concat([t.lazy().select(ID) for t in (cla, cin, link, pnc)]).drop_nulls().unique()
pupils = pl.concat([education, others.join(education, on=ID, how="anti").with_columns(is_education=lit(False))]).join(births.lazy(), on=ID, how="left")

# school: the main registration of each pupil and year
rows = pl.concat([t.lazy().select([ID, "y", "place", "fsm"] + [c if c in t.columns else lit(None, pl.String).alias(c) for c in ("la", "urn", "ncyearactual")])
                  for t in (census, unit, ap)]).filter(col(ID).is_not_null())
order = [col("place"), col("la"), col("urn")]
years = rows.group_by(ID, "y").agg(
    col("urn").sort_by(order).drop_nulls().first(), col("ncyearactual").sort_by(order).drop_nulls().first(), col("fsm").max()).collect()
schooling = years.lazy().group_by(ID).agg(
    first_census_year=col("y").min(), last_census_year=col("y").max(), n_years_observed=pl.len(), n_schools=col("urn").drop_nulls().n_unique(), ever_free_school_meals=col("fsm").max())

by_census = col("ncyearactual").replace({"R": "0", "N1": "-2", "N2": "-1"}).cast(pl.Int32, strict=False)
by_age = col("y") - 5 - col("birth").dt.year() - (col("birth").dt.month() >= 9).cast(pl.Int32)
absences = (
    absence.lazy().join(years.lazy().select(ID, "y", "ncyearactual"), on=[ID, "y"], how="left").join(births_lazy, on=ID, how="left")
    .with_columns(secondary=pl.coalesce(by_census, by_age).is_between(7, 11), persistent=when(col("possible") > 0).then(col("missed") * 100 >= col("possible") * 10))
    .group_by(ID).agg(
        ever_persistently_absent=col("persistent").max(), n_secondary=col("secondary").sum(),
        n_secondary_sessions_possible=col("possible").filter("secondary").sum(), n_secondary_overall_absence=col("missed").filter("secondary").sum())
    .with_columns(when(col("n_secondary") > 0).then(col(c)).alias(c) for c in ("n_secondary_sessions_possible", "n_secondary_overall_absence")).drop("n_secondary"))

of_days = exclusions.lazy().filter(col("category") != "LNCH")
is_suspension = col("category").is_in(["FIXD", "SUSP"])
suspended = of_days.group_by(ID).agg(
    n=is_suspension.sum(), first_suspension_date=col("start").filter(is_suspension).min(), n_permanent=col("start").filter(col("category") == "PERM").n_unique())
seen = pl.concat([years.lazy().filter(col("y").is_between(2006, 2021)).select(ID), absence.lazy().select(ID)]).unique().with_columns(seen=lit(0))

# social care
adult, start_of_childhood = col("birth").dt.offset_by("18y"), col("birth").dt.offset_by("-7mo")
episodes = (
    cla.lazy().filter(col(ID).is_not_null()).join(births_lazy, on=ID, how="left")
    .filter((col("end") >= col("start")) & ((col("start") >= start_of_childhood) & (col("start") < adult)).fill_null(True))
    .sort(["y", "respite", "end"], descending=[True, False, True]).unique([ID, "start"], keep="first", maintain_order=True)
    # what ran before the first return counts from the start of its period of care
    .with_columns(start=when(col("start") < pl.date(cla["y"].min() - 1, 4, 1)).then(pl.min_horizontal("start", "period")).otherwise("start"))
    .filter(~col("respite")).with_columns(end=pl.min_horizontal("end", adult)).sort([ID, "start", "end"]))
care = (
    episodes.with_columns(reached=col("end").cum_max().shift().over(ID, order_by=["start", "end"]))
    .with_columns(spell=(~(col("start") <= col("reached")).fill_null(False)).cast(pl.Int32).cum_sum().over(ID, order_by=["start", "end"]))
    .group_by(ID, "spell").agg(s=col("start").min(), e=col("end").max())
    .group_by(ID).agg(first_care_date=col("s").min(), n_care_spells=pl.len(), care_days_observed=(col("e") - col("s")).dt.total_days().sum()))
march, april = pl.date(col("y"), 3, 31), pl.date(col("y") - 1, 4, 1)
need = (
    cin.lazy().filter(col(ID).is_not_null()).join(births_lazy, on=ID, how="left")
    .filter(((col("referred") >= start_of_childhood) & (col("referred") < adult)).fill_null(True) & ((march >= start_of_childhood) & (april < adult)).fill_null(True))
    .with_columns(in_need=col("in_need") & (march < adult).fill_null(True))
    .group_by(ID).agg(ever_child_in_need=col("in_need").max(), years_child_in_need=col("y").filter("in_need").n_unique(), ever_child_protection_plan=col("plan").max(), is_in_cin=lit(True)))


def age(on):
    def of_year(value):
        return value.dt.month().cast(pl.Int32) * 100 + value.dt.day().cast(pl.Int32)

    return on.dt.year() - col("birth").dt.year() - (of_year(on) < of_year(col("birth"))).cast(pl.Int32)


# justice
people = pl.concat([t.lazy().select("mojuid", ID, lit(k).alias("k")) for k, t in enumerate((link, pnc, census, cla, cin))]).drop_nulls().group_by("mojuid").agg(col(ID).sort_by("k").first())
disposals = pl.read_csv(SEEDS / "pnc_disposal.csv", infer_schema=False)
by_text = dict(disposals.select("label", "code_group").iter_rows())
by_code = dict(disposals.drop_nulls("code").select("code", "code_group").iter_rows())
serious = pl.read_csv(SEEDS / "serious_violence_offence.csv", infer_schema=False)["code"].to_list()
event = pl.coalesce("offence_day", "sentence_day")
offences = (
    pnc.lazy().drop(ID).filter(col("country").str.to_uppercase().is_in(["ENGLAND AND WALES", "ENGLAND", "WALES"])).join(people, on="mojuid").join(births_lazy, on=ID, how="left")
    .with_columns(
        offence_day=day("offencedate"), sentence_day=day("sentencedate"),
        disposal=pl.coalesce(col("disposaltext").str.to_uppercase().replace_strict(by_text, default=None, return_dtype=pl.String), col("disposalcode").replace_strict(by_code, default=None, return_dtype=pl.String),
                             when(col("conviction") == "1").then(lit("non_custodial")).when(col("conviction") == "0").then(lit("caution"))))
    .filter(col("disposal").is_in(["caution", "non_custodial", "custodial"]) & (pl.coalesce(age(event), col("offenceage").cast(pl.Int32), 10) >= 10))
    .select(ID, is_conviction=col("disposal") != "caution", sentence_day="sentence_day", event=event, serious=col("offence").str.split(" ").list.first().str.zfill(5).is_in(serious)))
justice = offences.group_by(ID).agg(
    n_sanctions=pl.struct("is_conviction", "sentence_day").n_unique(), n_convictions=col("sentence_day").filter("is_conviction").n_unique(),
    first_offence_date=col("event").min(), first_sanction_date=col("sentence_day").min(), ever_serious_violence=col("serious").max())

care_day, offence_day = col("first_care_date"), col("first_offence_date")
final = pupils
for part in (schooling, absences, suspended, seen, ks4.lazy(), care, need, justice):
    final = final.join(part, on=ID, how="left")
(
    final.with_columns(
        n_suspensions=pl.coalesce("n", "seen"), n_permanent_exclusions=pl.coalesce("n_permanent", "seen"), ever_child_looked_after=care_day.is_not_null(), age_first_care=age(care_day),
        social_care_level=when(care_day.is_not_null()).then(lit("child_looked_after")).when(col("ever_child_protection_plan")).then(lit("child_protection_plan"))
        .when(col("ever_child_in_need")).then(lit("child_in_need")).when(col("is_in_cin")).then(lit("referral_only")).when(col("is_education")).then(lit("no_contact")),
        child_looked_after_and_offence_order=when(care_day.is_null() & offence_day.is_null()).then(lit("neither")).when(care_day.is_null()).then(lit("offence_only"))
        .when(offence_day.is_null()).then(lit("contact_only")).when(care_day == offence_day).then(lit("same_day"))
        .when(care_day <= offence_day.dt.offset_by("-1y")).then(lit("contact_one_year_or_more_before")).when(care_day < offence_day).then(lit("contact_within_one_year_before"))
        .when(offence_day <= care_day.dt.offset_by("-1y")).then(lit("offence_one_year_or_more_before")).otherwise(lit("offence_within_one_year_before")))
    .with_columns(col("n_care_spells", "years_child_in_need", "n_sanctions", "n_convictions").fill_null(0),
                  col("ever_child_in_need", "ever_child_protection_plan", "ever_serious_violence").fill_null(False))
    .drop("birth", "is_education", "is_in_cin", "n", "n_permanent", "seen").rename({ID: "pupil_id"})
    .sink_csv(out))
