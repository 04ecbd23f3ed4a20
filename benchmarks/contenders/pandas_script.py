"""pandas: the job of benchmarks/README.md. Arguments: folder of a clean extract; CSV file to write; number of threads (not used)."""

import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd

folder, out = Path(sys.argv[1]), sys.argv[2]
SEEDS = Path(__file__).parents[2] / "seeds" / "lookups"


def plain(name):
    name = re.sub("[^a-z0-9]", "", name.lower())
    return re.sub("^(ks4|ks2|pru|ap|cla|cin)", "", re.sub("(spr|ab|ex)[0-9]{2}$", "", name))


def read(pattern, columns, numbers=(), dates=()):
    """The files of a table, some columns of them; the Arrow reader is the fast one."""
    parts = []
    for path in sorted(folder.glob(pattern)):
        with path.open(encoding="utf-8-sig") as file:
            header = file.readline().rstrip("\r\n").split("\t")
        names = {}
        for name in header:
            names.setdefault(plain(name), name)
        wanted = {names[column]: column for column in columns if column in names}
        part = pd.read_csv(path, sep="\t", engine="pyarrow", dtype_backend="pyarrow", usecols=list(wanted), dtype="string[pyarrow]", encoding="utf-8-sig",
                           keep_default_na=False, na_values=[""])
        parts.append(part.rename(columns=wanted).reindex(columns=columns))
    table = pd.concat(parts, ignore_index=True)
    for column in table.columns:
        if column in numbers:
            table[column] = pd.to_numeric(table[column]).astype("float64")
        elif column in dates:
            table[column] = pd.to_datetime(table[column], format="%Y-%m-%d")
    return table


def year(column):
    return column.str.slice(0, 4).astype("int64") + 1


def born(table):
    return table["yearofbirth"] * 100 + table["monthofbirth"]


ID = "pupilmatchingrefanonymous"
census = read("Spring_*.txt", [ID, "mojuid", "academicyear", "la", "urn", "yearofbirth", "monthofbirth", "fsmeligible", "ncyearactual", "enrolstatus"],
              numbers=["yearofbirth", "monthofbirth"])
unit = read("PRU_*.txt", [ID, "acadyr", "la", "urn", "yearofbirth", "monthofbirth", "fsmeligible", "ncyearactual"], numbers=["yearofbirth", "monthofbirth"])
ap = read("AP_*.txt", [ID, "acadyr", "fsmeligible"])
census["y"], unit["y"], ap["y"] = year(census["academicyear"]), year(unit["acadyr"]), year(ap["acadyr"])
census["place"] = np.select([census["enrolstatus"].isin(["C", "M"]).to_numpy(bool), census["enrolstatus"].isna().to_numpy(bool), (census["enrolstatus"] == "S").fillna(False).to_numpy(bool)], [1, 2, 4], 3)
unit["place"], ap["place"] = 8, 9
census["born"], unit["born"] = born(census), born(unit)

kinds, terms = ["sessionspossible", "authorisedabsence", "unauthorisedabsence"], ["autumn", "spring", "summer", "summer6th"]
absence = read("Absence_*.txt", [ID, "academicyear"] + [k + t for k in kinds for t in terms], numbers=[k + t for k in kinds for t in terms])
absence["y"] = year(absence["academicyear"])
absence.loc[absence["y"] < 2013, [k + "summer6th" for k in kinds]] = 0
absence["possible"] = absence[["sessionspossible" + t for t in terms]].sum(axis=1)
absence["missed"] = absence[[k + t for k in kinds[1:] for t in terms]].sum(axis=1)
absence = absence.groupby([ID, "y"], sort=False, as_index=False)[["possible", "missed"]].sum()

cla = read("CLA_*.txt", [ID, "mojuid", "yearofbirth", "monthofbirth", "acadyr", "dateepicomm", "dateepiceased", "rec", "legalstatus", "childlacodeanon", "childidanon", "pocstart", "reasonfornewepisode"],
           numbers=["yearofbirth", "monthofbirth"], dates=["dateepicomm", "dateepiceased", "pocstart"])
cin = read("CIN_*.txt", [ID, "mojuid", "yearofbirth", "monthofbirth", "acadyr", "cinreferraldate", "cinat31march", "categoryofabuse", "abusecatfirst",
                         "initialcategoryofabuse", "latestcategoryofabuse", "cppstartdate", "cppenddate", "numberofpreviouscpp", "cinla", "la", "lachildidanon"],
           numbers=["yearofbirth", "monthofbirth", "numberofpreviouscpp"], dates=["cinreferraldate"])
cla["child"] = cla["childlacodeanon"] + "-" + cla["childidanon"]
cin["child"] = cin["cinla"].fillna(cin["la"]) + "-" + cin["lachildidanon"]
for table in (cla, cin):
    # a child whose rows name one pupil is that pupil on its other rows too
    pairs = table[["child", ID]].dropna().drop_duplicates().drop_duplicates("child", keep=False).set_index("child")[ID]
    table[ID] = table[ID].fillna(table["child"].map(pairs))
cla["born"], cin["born"], cla["y"], cin["y"] = born(cla), born(cin), year(cla["acadyr"]), year(cin["acadyr"])

slots = [""] + [str(i) for i in range(1, 41)]
wide = read("Exclusions_*.txt", [ID, "academicyear"] + [k + s for s in slots for k in ("category", "reason", "startdate", "sessions")])
exclusions = pd.concat([
    wide.loc[wide["category" + s].notna(), [ID, "academicyear", "category" + s, "reason" + s, "startdate" + s, "sessions" + s]]
    .set_axis([ID, "academicyear", "category", "reason", "start", "sessions"], axis=1) for s in slots], ignore_index=True)
del wide
exclusions["y"] = year(exclusions["academicyear"])
exclusions = exclusions.drop_duplicates([ID, "y", "category", "reason", "start", "sessions"])
exclusions["start"] = pd.to_datetime(exclusions["start"], format="%Y-%m-%d")

ks4 = read("KS4Pupil_*.txt", [ID, "acadyr", "natres", "level2em", "level2emptq", "level2emptqee", "glevel2emptqee", "ptscnewe", "ptscneweptq", "ptscneweptqee", "att8", "passesac"],
           numbers=["natres", "level2em", "level2emptq", "level2emptqee", "glevel2emptqee", "ptscnewe", "ptscneweptq", "ptscneweptqee", "att8", "passesac"])
ks4["y"] = year(ks4["acadyr"])
ks2 = read("KS2Pupil_*.txt", [ID])
link = read("MoJ_DfE_Link.txt", ["mojuid", ID])
pnc = read("PNC_*.txt", ["mojuid", ID, "recno", "offence", "offencedate", "offenceage", "sentencedate", "disposalcode", "disposaltext", "conviction", "country"],
           numbers=["offenceage", "conviction"], dates=["offencedate", "sentencedate"])

# who
education = pd.unique(pd.concat([t[ID] for t in (census, unit, ap, absence, exclusions, ks2, ks4)]).dropna())
everybody = pd.unique(pd.concat([pd.Series(education)] + [t[ID] for t in (cla, cin, link, pnc)]).dropna())
pupils = pd.DataFrame({ID: everybody}).set_index(ID)
pupils["is_education"] = pupils.index.isin(education)
births = pd.concat([t[[ID, "born"]] for t in (census, unit, cla, cin)]).dropna().groupby(ID, sort=False)["born"].min().astype("int64")
pupils["birth_year"], pupils["birth_month"] = births // 100, births % 100
births = pd.to_datetime(births.astype(str), format="%Y%m").rename("birth")
pupils["birth"] = births


def with_birth(table):
    return table.join(births, on=ID)


# school: the main registration of each pupil and year
rows = pd.concat([census[[ID, "y", "place", "la", "urn", "ncyearactual", "fsmeligible"]], unit[[ID, "y", "place", "la", "urn", "ncyearactual", "fsmeligible"]],
                  ap[[ID, "y", "place", "fsmeligible"]]], ignore_index=True)
rows["fsm"] = (rows["fsmeligible"] == "1").fillna(False).astype("bool")
several = rows.duplicated([ID, "y"], keep=False)
main = rows[several].sort_values(["place", "la", "urn"]).groupby([ID, "y"], sort=False, as_index=False).agg(
    urn=("urn", "first"), ncyearactual=("ncyearactual", "first"), fsm=("fsm", "max"))
years = pd.concat([rows.loc[~several, [ID, "y", "urn", "ncyearactual", "fsm"]], main], ignore_index=True)
years = years[years[ID].notna()]
pupils = pupils.join(years.groupby(ID, sort=False).agg(
    first_census_year=("y", "min"), last_census_year=("y", "max"), n_years_observed=("y", "size"), n_schools=("urn", "nunique"), ever_free_school_meals=("fsm", "max")))

absence = with_birth(absence.merge(years[[ID, "y", "ncyearactual"]], on=[ID, "y"], how="left"))
nc = pd.to_numeric(absence["ncyearactual"].replace({"R": "0", "N1": "-2", "N2": "-1"}), errors="coerce").astype("float64")
by_age = absence["y"] - 5 - absence["birth"].dt.year - (absence["birth"].dt.month >= 9)
absence["secondary"] = nc.fillna(by_age).between(7, 11)
absence["persistent"] = (absence["missed"] * 100 >= absence["possible"] * 10).where(absence["possible"] > 0).astype("boolean")
of_secondary = absence[absence["secondary"]].groupby(ID, sort=False)[["possible", "missed"]].sum()
pupils["ever_persistently_absent"] = absence.dropna(subset="persistent").assign(persistent=lambda t: t["persistent"].astype(bool)).groupby(ID, sort=False)["persistent"].max()
pupils["n_secondary_sessions_possible"], pupils["n_secondary_overall_absence"] = of_secondary["possible"], of_secondary["missed"]

of_days = exclusions[exclusions["category"] != "LNCH"]
suspensions = of_days[of_days["category"].isin(["FIXD", "SUSP"])].groupby(ID, sort=False)["start"].agg(["size", "min"])
permanent = of_days[of_days["category"] == "PERM"].drop_duplicates([ID, "start"]).groupby(ID, sort=False).size()
seen = pd.concat([years.loc[years["y"].between(2006, 2021), ID], absence[ID], of_days[ID]]).unique()
zero = pd.Series(0, index=pd.Index(seen)).reindex(pupils.index)
pupils["n_suspensions"] = suspensions["size"].reindex(pupils.index).fillna(zero)
pupils["first_suspension_date"] = suspensions["min"]
pupils["n_permanent_exclusions"] = permanent.reindex(pupils.index).fillna(zero)

ks4["achieved"] = np.select([ks4["y"] <= 2013, ks4["y"] == 2014, ks4["y"] <= 2016], [ks4["level2em"], ks4["level2emptq"], ks4["level2emptqee"]], ks4["glevel2emptqee"])
ks4["points"] = np.select([ks4["y"] <= 2013, ks4["y"] == 2014, ks4["y"] <= 2016], [ks4["ptscnewe"], ks4["ptscneweptq"], ks4["ptscneweptqee"]], np.nan)
ks4["five"] = (ks4["achieved"] == 1) & (ks4["passesac"] >= 5)
best = ks4.sort_values(["natres", "achieved", "five", "att8", "points", "passesac", "y"], ascending=[False] * 6 + [True]).drop_duplicates(ID).dropna(subset=ID).set_index(ID)
pupils["ks4_academic_year_end"] = best["y"]
pupils["achieved_level2_english_maths"] = best["achieved"]
pupils["attainment_8_score"] = best["att8"]

# social care
YEARS18, MONTHS7 = pd.DateOffset(years=18), pd.DateOffset(months=7)
respite = pd.read_csv(SEEDS / "cla_legal_status.csv").query("is_respite")["code"]
care = with_birth(cla[cla[ID].notna()])
adult, start_of_childhood = care["birth"] + YEARS18, care["birth"] - MONTHS7
march = pd.to_datetime(care["y"].astype(str) + "0331")
end = care["dateepiceased"].mask((care["rec"] == "-10").fillna(False).astype(bool)).fillna(march)
care["end"] = end.where(end < march, march)
care["respite"] = care["legalstatus"].isin(respite)
possible = (care["end"] >= care["dateepicomm"]) & ~(care["dateepicomm"] < start_of_childhood) & ~(care["dateepicomm"] >= adult)
care["adult"] = adult
care = care[possible].sort_values(["y", "respite", "end"], ascending=[False, True, False]).drop_duplicates([ID, "dateepicomm"])
care = care[~care["respite"].astype(bool)]
care["end"] = care["end"].where(~(care["end"] > care["adult"]), care["adult"])
# what ran before the first return counts from the start of its period of care
ran_before = (care["dateepicomm"] < pd.Timestamp(int(cla["y"].min()) - 1, 4, 1)) & ~(care["reasonfornewepisode"] == "S").fillna(False).astype(bool)
care["dateepicomm"] = care["dateepicomm"].mask(ran_before & (care["pocstart"] < care["dateepicomm"]), care["pocstart"])
care = care.sort_values([ID, "dateepicomm", "end"])
care["reached"] = care.groupby(ID, sort=False)["end"].cummax().groupby(care[ID], sort=False).shift()
care["spell"] = (~(care["dateepicomm"] <= care["reached"])).groupby(care[ID], sort=False).cumsum()
spells = care.groupby([ID, "spell"], sort=False, as_index=False).agg(s=("dateepicomm", "min"), e=("end", "max"))
spells["days"] = (spells["e"] - spells["s"]).dt.days
of_care = spells.groupby(ID, sort=False).agg(first_care_date=("s", "min"), n_care_spells=("s", "size"), care_days_observed=("days", "sum"))
pupils = pupils.join(of_care)

need = with_birth(cin[cin[ID].notna()])
adult, start_of_childhood = need["birth"] + YEARS18, need["birth"] - MONTHS7
march, april = pd.to_datetime(need["y"].astype(str) + "0331"), pd.to_datetime((need["y"] - 1).astype(str) + "0401")
need["in_need"] = (need["cinat31march"] == "1").fillna(False).astype(bool) & ~(march >= adult)
need["plan"] = need[["categoryofabuse", "abusecatfirst", "initialcategoryofabuse", "latestcategoryofabuse", "cppstartdate", "cppenddate"]].notna().any(axis=1) | (need["numberofpreviouscpp"] >= 1)
referred = need["cinreferraldate"]
need = need[~((referred < start_of_childhood) | (referred >= adult) | (march < start_of_childhood) | (april >= adult))]
pupils["is_in_cin"] = pupils.index.isin(need[ID])
pupils = pupils.join(need.groupby(ID, sort=False).agg(ever_child_in_need=("in_need", "max"), ever_child_protection_plan=("plan", "max")))
pupils["years_child_in_need"] = need[need["in_need"]].drop_duplicates([ID, "y"]).groupby(ID, sort=False).size()
for column in ("ever_child_in_need", "ever_child_protection_plan"):
    pupils[column] = pupils[column].astype("boolean").fillna(False).astype(bool)
pupils["ever_child_looked_after"] = pupils["first_care_date"].notna()
pupils["social_care_level"] = np.select(
    [pupils["ever_child_looked_after"], pupils["ever_child_protection_plan"], pupils["ever_child_in_need"], pupils["is_in_cin"], pupils["is_education"]],
    ["child_looked_after", "child_protection_plan", "child_in_need", "referral_only", "no_contact"], "")


def age(birth, day):
    return day.dt.year - birth.dt.year - ((day.dt.month * 100 + day.dt.day) < (birth.dt.month * 100 + birth.dt.day))


pupils["age_first_care"] = age(pupils["birth"], pupils["first_care_date"])

# justice
pairs = pd.concat([t[["mojuid", ID]] for t in (link, pnc, census, cla, cin)]).dropna()
people = pairs.drop_duplicates("mojuid").rename(columns={ID: "pupil"})
offences = pnc[pnc["country"].str.upper().isin(["ENGLAND AND WALES", "ENGLAND", "WALES"])].merge(people, on="mojuid")
offences[ID] = offences["pupil"]
disposals = pd.read_csv(SEEDS / "pnc_disposal.csv", dtype=str)
by_text = disposals.set_index("label")["code_group"]
by_code = disposals.dropna(subset="code").set_index("code")["code_group"]
by_flag = offences["conviction"].map({1: "non_custodial", 0: "caution"})
offences["disposal"] = offences["disposaltext"].str.upper().map(by_text).fillna(offences["disposalcode"].map(by_code)).fillna(by_flag)
offences = with_birth(offences[offences["disposal"].isin(["caution", "non_custodial", "custodial"])])
offences["day"] = offences["offencedate"].fillna(offences["sentencedate"])
offences = offences[~(age(offences["birth"], offences["day"]).fillna(offences["offenceage"]) < 10)]
serious = pd.read_csv(SEEDS / "serious_violence_offence.csv", dtype=str)["code"]
offences["serious"] = offences["offence"].str.split(" ", n=1).str[0].str.zfill(5).isin(serious)
offences["is_conviction"] = offences["disposal"] != "caution"
occasions = offences.drop_duplicates([ID, "is_conviction", "sentencedate"])
pupils["n_sanctions"] = occasions.groupby(ID, sort=False).size()
pupils["n_convictions"] = occasions[occasions["is_conviction"]].groupby(ID, sort=False).size()
pupils = pupils.join(offences.groupby(ID, sort=False).agg(first_offence_date=("day", "min"), first_sanction_date=("sentencedate", "min"), ever_serious_violence=("serious", "max")))
pupils["ever_serious_violence"] = pupils["ever_serious_violence"].astype("boolean").fillna(False).astype(bool)
for column in ("n_care_spells", "years_child_in_need", "n_sanctions", "n_convictions"):
    pupils[column] = pupils[column].fillna(0)

care_date, offence_date, year1 = pupils["first_care_date"], pupils["first_offence_date"], pd.DateOffset(years=1)
pupils["child_looked_after_and_offence_order"] = np.select(
    [care_date.isna() & offence_date.isna(), care_date.isna(), offence_date.isna(), care_date == offence_date, care_date <= offence_date - year1, care_date < offence_date,
     offence_date <= care_date - year1],
    ["neither", "offence_only", "contact_only", "same_day", "contact_one_year_or_more_before", "contact_within_one_year_before", "offence_one_year_or_more_before"],
    "offence_within_one_year_before")
pupils.drop(columns=["is_education", "is_in_cin", "birth"]).rename_axis("pupil_id").to_csv(out)
