# R with data.table: the job of benchmarks/README.md. Arguments: folder of a clean extract; CSV file to write; number of threads.
suppressMessages(library(data.table))
args <- commandArgs(trailingOnly = TRUE)
folder <- args[1]
out <- args[2]
setDTthreads(as.integer(args[3]))
seeds <- file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "..", "..", "seeds", "lookups")

plain <- function(name) {
  name <- gsub("[^a-z0-9]", "", tolower(name))
  sub("^(ks4|ks2|pru|ap|cla|cin)", "", sub("(spr|ab|ex)[0-9]{2}$", "", name), perl = TRUE)
}

# The files of a table, some columns of them, as text; NA where a file does not have one.
read <- function(pattern, columns) {
  parts <- lapply(sort(list.files(folder, glob2rx(pattern), full.names = TRUE)), function(path) {
    header <- strsplit(sub("\r?\n?$", "", sub("^\ufeff", "", readLines(path, n = 1, encoding = "UTF-8", warn = FALSE))), "\t")[[1]]
    names <- plain(header)
    chosen <- match(columns, names)
    part <- fread(path, sep = "\t", quote = "", skip = 1, header = FALSE, select = sort(chosen[!is.na(chosen)]), colClasses = "character", na.strings = "", fill = FALSE, showProgress = FALSE)
    setnames(part, names[sort(chosen[!is.na(chosen)])])
    part
  })
  table <- rbindlist(parts, use.names = TRUE, fill = TRUE)
  for (column in setdiff(columns, names(table))) table[, (column) := NA_character_]
  setnames(table, "pupilmatchingrefanonymous", "id")
  table
}
year <- function(x) as.integer(substr(x, 1, 4)) + 1L
day <- function(x) as.IDate(x, format = "%Y-%m-%d")
born <- function(t) as.integer(t$yearofbirth) * 100L + as.integer(t$monthofbirth)
zero <- function(x) fcoalesce(as.integer(x), 0L)
# A whole number of years or months added to the first day of a month.
plus_months <- function(x, n) {
  m <- year(as.character(x)) # kept for its NAs
  months <- data.table::year(x) * 12L + data.table::month(x) - 1L + n
  as.IDate(ifelse(is.na(m), NA, as.integer(as.IDate(sprintf("%04d-%02d-01", months %/% 12L, months %% 12L + 1L)))), origin = "1970-01-01")
}
age <- function(birth, on) {
  data.table::year(on) - data.table::year(birth) - as.integer(data.table::month(on) * 100L + data.table::mday(on) < data.table::month(birth) * 100L + data.table::mday(birth))
}
ID <- "pupilmatchingrefanonymous"

census <- read("Spring_*.txt", c(ID, "mojuid", "academicyear", "la", "urn", "yearofbirth", "monthofbirth", "fsmeligible", "ncyearactual", "enrolstatus"))
census[, `:=`(y = year(academicyear), born = born(census), fsm = fsmeligible %in% "1",
              place = fcase(enrolstatus %in% c("C", "M"), 1L, is.na(enrolstatus), 2L, enrolstatus == "S", 4L, default = 3L))]
census[, c("academicyear", "yearofbirth", "monthofbirth", "fsmeligible", "enrolstatus") := NULL]
unit <- read("PRU_*.txt", c(ID, "acadyr", "la", "urn", "yearofbirth", "monthofbirth", "fsmeligible", "ncyearactual"))
unit[, `:=`(y = year(acadyr), born = born(unit), fsm = fsmeligible %in% "1", place = 8L)]
ap <- read("AP_*.txt", c(ID, "acadyr", "fsmeligible"))
ap[, `:=`(y = year(acadyr), fsm = fsmeligible %in% "1", place = 9L)]

kinds <- c("sessionspossible", "authorisedabsence", "unauthorisedabsence")
terms <- c("autumn", "spring", "summer", "summer6th")
numbers <- c(outer(kinds, terms, paste0))
absence <- read("Absence_*.txt", c(ID, "academicyear", numbers))
absence[, (numbers) := lapply(.SD, zero), .SDcols = numbers]
absence[, y := year(academicyear)]
absence[y < 2013L, paste0(kinds, "summer6th") := 0L]
absence[, `:=`(possible = Reduce(`+`, mget(paste0(kinds[1], terms))), missed = Reduce(`+`, mget(c(outer(kinds[2:3], terms, paste0)))))]
absence <- absence[, .(possible = sum(possible), missed = sum(missed)), by = .(id, y)]

cla <- read("CLA_*.txt", c(ID, "mojuid", "yearofbirth", "monthofbirth", "acadyr", "dateepicomm", "dateepiceased", "rec", "legalstatus", "childlacodeanon", "childidanon", "pocstart", "reasonfornewepisode"))
cla[, `:=`(y = year(acadyr), born = born(cla), start = day(dateepicomm), end = day(dateepiceased), period = day(pocstart))]
cin <- read("CIN_*.txt", c(ID, "mojuid", "yearofbirth", "monthofbirth", "acadyr", "cinreferraldate", "cinat31march", "categoryofabuse", "abusecatfirst", "initialcategoryofabuse",
                           "latestcategoryofabuse", "cppstartdate", "cppenddate", "numberofpreviouscpp", "cinla", "la", "lachildidanon"))
cin[, `:=`(y = year(acadyr), born = born(cin), referred = day(cinreferraldate))]

cla[, child := fifelse(is.na(childlacodeanon) | is.na(childidanon), NA_character_, paste0(childlacodeanon, "-", childidanon))]
cin[, child := fcoalesce(cinla, la)][, child := fifelse(is.na(child) | is.na(lachildidanon), NA_character_, paste0(child, "-", lachildidanon))]
# a child whose rows name one pupil is that pupil on its other rows too
for (table in list(cla, cin)) {
  pairs <- unique(table[!is.na(child) & !is.na(id), .(child, found = id)])
  pairs <- pairs[, if (.N == 1L) .SD, by = child]
  table[pairs[table[is.na(id)], on = "child", nomatch = NULL, .(child, found)][, .(found = found[1]), by = child], on = "child", id := fcoalesce(id, i.found)]
}

slots <- c("", 1:40)
wide <- read("Exclusions_*.txt", c(ID, "academicyear", c(outer(c("category", "reason", "startdate", "sessions"), slots, paste0))))
exclusions <- rbindlist(lapply(slots, function(s) {
  columns <- c("id", "academicyear", paste0(c("category", "reason", "startdate", "sessions"), s))
  part <- wide[!is.na(wide[[columns[3]]]), ..columns]
  setnames(part, c("id", "academicyear", "category", "reason", "start", "sessions"))
}))
rm(wide)
exclusions[, `:=`(y = year(academicyear), start = day(start))]
exclusions <- unique(exclusions, by = c("id", "y", "category", "reason", "start", "sessions"))

ks4 <- read("KS4Pupil_*.txt", c(ID, "acadyr", "natres", "level2em", "level2emptq", "level2emptqee", "glevel2emptqee", "ptscnewe", "ptscneweptq", "ptscneweptqee", "att8", "passesac"))
ks4[, y := year(acadyr)]
ks2 <- read("KS2Pupil_*.txt", ID)
link <- read("MoJ_DfE_Link.txt", c("mojuid", ID))
pnc <- read("PNC_*.txt", c("mojuid", ID, "recno", "offence", "offencedate", "offenceage", "sentencedate", "disposalcode", "disposaltext", "conviction", "country"))

# who
ids <- function(...) unique(na.omit(unlist(lapply(list(...), `[[`, "id"), use.names = FALSE)))
education <- ids(census, unit, ap, absence, exclusions, ks2, ks4)
pupils <- data.table(id = unique(c(education, ids(cla, cin, link, pnc))))
pupils[, is_education := id %chin% education]
births <- rbindlist(lapply(list(census, unit, cla, cin), function(t) t[!is.na(id) & !is.na(born), .(id, born)]))[, .(born = min(born)), by = id]
births[, `:=`(birth_year = born %/% 100L, birth_month = born %% 100L)]
births[, birth := as.IDate(sprintf("%04d-%02d-01", birth_year, birth_month))]
births[, `:=`(adult = plus_months(birth, 216L), childhood = plus_months(birth, -7L), born = NULL)]
pupils <- births[pupils, on = "id"]

# school: the main registration of each pupil and year
rows <- rbindlist(list(census[, .(id, y, place, la, urn, ncyearactual, fsm)], unit[, .(id, y, place, la, urn, ncyearactual, fsm)], ap[, .(id, y, place, fsm)]), fill = TRUE)[!is.na(id)]
setorder(rows, id, y, place, la, urn)
rows[, one := .N == 1L, by = .(id, y)]
first_value <- function(x) x[!is.na(x)][1]
years <- rbindlist(list(
  rows[one == TRUE, .(id, y, urn, ncyearactual, fsm)],
  rows[one == FALSE, .(urn = first_value(urn), ncyearactual = first_value(ncyearactual), fsm = any(fsm)), by = .(id, y)]))
rm(rows)
schools <- unique(years[!is.na(urn), .(id, urn)])[, .(n_schools = .N), by = id]
schooling <- years[, .(first_census_year = min(y), last_census_year = max(y), n_years_observed = .N, ever_free_school_meals = max(fsm) == 1L), by = id]
schooling <- schools[schooling, on = "id"][, n_schools := zero(n_schools)]

absence <- years[, .(id, y, ncyearactual)][absence, on = .(id, y)]
absence <- births[, .(id, birth)][absence, on = "id"]
absence[ncyearactual == "R", ncyearactual := "0"][ncyearactual %chin% c("N1", "N2"), ncyearactual := "-1"]
absence[, group := fcoalesce(suppressWarnings(as.integer(ncyearactual)), y - 5L - data.table::year(birth) - as.integer(data.table::month(birth) >= 9L))]
absence[, `:=`(secondary = group %between% c(7L, 11L), persistent = fifelse(possible > 0L, missed * 100L >= possible * 10L, NA))]
absences <- absence[!is.na(persistent), .(ever_persistently_absent = max(persistent) == 1L), by = id]
secondary <- absence[secondary == TRUE, .(n_secondary_sessions_possible = sum(possible), n_secondary_overall_absence = sum(missed)), by = id]

of_days <- exclusions[category != "LNCH"]
suspended <- of_days[category %chin% c("FIXD", "SUSP"), .(n_suspensions = .N, first_suspension_date = min(start)), by = id]
permanent <- unique(of_days[category == "PERM", .(id, start)])[, .(n_permanent_exclusions = .N), by = id]
seen <- unique(c(years[y >= 2006L & y <= 2021L, id], absence$id, of_days$id))

ks4[, achieved := fcase(y <= 2013L, level2em, y == 2014L, level2emptq, y <= 2016L, level2emptqee, y > 2016L, glevel2emptqee) == "1"]
ks4[, points := as.numeric(fcase(y <= 2013L, ptscnewe, y == 2014L, ptscneweptq, y <= 2016L, ptscneweptqee))]
ks4[, `:=`(att8 = as.numeric(att8), good = as.integer(passesac))]
ks4[, five := achieved & good >= 5L]
setorder(ks4, -natres, -achieved, -five, -att8, -points, -good, y, na.last = TRUE)
best <- unique(ks4[!is.na(id)], by = "id")[, .(id, ks4_academic_year_end = y, achieved_level2_english_maths = achieved, attainment_8_score = att8)]

# social care
respite_codes <- fread(file.path(seeds, "cla_legal_status.csv"), colClasses = "character")[is_respite == "true", code]
care <- births[cla[!is.na(id), .(id, y, start, end, rec, legalstatus, period, reasonfornewepisode)], on = "id"]
care[, march := as.IDate(sprintf("%04d-03-31", y))]
care[rec %in% "-10" | is.na(end), end := march]
care[, `:=`(end = pmin(end, march), respite = legalstatus %chin% respite_codes)]
care <- care[end >= start & !(start < childhood) %in% TRUE & !(start >= adult) %in% TRUE]
setorder(care, -y, respite, -end)
care <- unique(care, by = c("id", "start"))[respite == FALSE]
care[, end := pmin(end, adult, na.rm = TRUE)]
# what ran before the first return counts from the start of its period of care
care[start < as.IDate(sprintf("%04d-04-01", min(cla$y) - 1L)) & !(reasonfornewepisode %in% "S") & period < start, start := period]
setorder(care, id, start, end)
care[, reached := shift(cummax(as.integer(end))), by = id]
care[, spell := cumsum(is.na(reached) | as.integer(start) > reached), by = id]
spells <- care[, .(s = min(start), e = max(end)), by = .(id, spell)]
of_care <- spells[, .(first_care_date = min(s), n_care_spells = .N, care_days_observed = sum(as.integer(e) - as.integer(s))), by = id]

need <- births[cin[!is.na(id)], on = "id"]
need[, `:=`(march = as.IDate(sprintf("%04d-03-31", y)), april = as.IDate(sprintf("%04d-04-01", y - 1L)))]
need[, in_need := cinat31march %in% "1" & !(march >= adult) %in% TRUE]
need[, plan := !is.na(fcoalesce(categoryofabuse, abusecatfirst, initialcategoryofabuse, latestcategoryofabuse, cppstartdate, cppenddate)) | zero(numberofpreviouscpp) >= 1L]
need <- need[!((referred < childhood) %in% TRUE | (referred >= adult) %in% TRUE | (march < childhood) %in% TRUE | (april >= adult) %in% TRUE)]
of_need <- need[, .(ever_child_in_need = any(in_need), ever_child_protection_plan = any(plan), years_child_in_need = uniqueN(y[in_need])), by = id]

# justice
people <- unique(rbindlist(lapply(list(link, pnc, census, cla, cin), function(t) t[!is.na(mojuid) & !is.na(id), .(mojuid, pupil = id)])), by = "mojuid")
disposals <- fread(file.path(seeds, "pnc_disposal.csv"), colClasses = "character")
offences <- people[pnc[toupper(country) %chin% c("ENGLAND AND WALES", "ENGLAND", "WALES")], on = "mojuid", nomatch = NULL][, id := pupil]
offences[, disposal := fcoalesce(
  disposals$code_group[match(toupper(disposaltext), disposals$label)],
  disposals[code != "", code_group[match(offences$disposalcode, code)]],
  fcase(conviction == "1", "non_custodial", conviction == "0", "caution"))]
offences <- births[offences[disposal %chin% c("caution", "non_custodial", "custodial")], on = "id"]
offences[, sentence_day := day(sentencedate)]
offences[, event := fcoalesce(day(offencedate), sentence_day)]
offences <- offences[!(fcoalesce(age(birth, event), as.integer(offenceage)) < 10L) %in% TRUE]
serious_codes <- fread(file.path(seeds, "serious_violence_offence.csv"), colClasses = "character")$code
offences[, serious := sprintf("%05d", as.integer(sub(" .*", "", offence))) %chin% serious_codes]
offences[, is_conviction := disposal != "caution"]
occasions <- unique(offences, by = c("id", "is_conviction", "sentence_day"))[, .(n_sanctions = .N, n_convictions = sum(is_conviction)), by = id]
of_offences <- offences[, .(first_offence_date = min(event), first_sanction_date = min(sentence_day), ever_serious_violence = any(serious)), by = id]

pupils[, seen := id %chin% seen]
for (part in list(schooling, absences, secondary, suspended, permanent, best, of_care, of_need, occasions, of_offences)) {
  pupils[part, on = "id", setdiff(names(part), "id") := mget(paste0("i.", setdiff(names(part), "id")))]
}
for (column in c("n_suspensions", "n_permanent_exclusions")) pupils[seen & is.na(get(column)), (column) := 0L]
for (column in c("n_care_spells", "years_child_in_need", "n_sanctions", "n_convictions")) set(pupils, which(is.na(pupils[[column]])), column, 0L)
pupils[, level_known := !is.na(ever_child_in_need)]
for (column in c("ever_child_in_need", "ever_child_protection_plan", "ever_serious_violence")) set(pupils, which(is.na(pupils[[column]])), column, FALSE)
pupils[, `:=`(ever_child_looked_after = !is.na(first_care_date), age_first_care = age(birth, first_care_date))]
pupils[, social_care_level := fcase(ever_child_looked_after, "child_looked_after", ever_child_protection_plan, "child_protection_plan", ever_child_in_need, "child_in_need",
                                    level_known, "referral_only", is_education, "no_contact")]
year_before <- function(x) {
  text <- format(x)
  as.IDate(paste0(as.integer(substr(text, 1, 4)) - 1L, ifelse(substr(text, 5, 10) == "-02-29", "-02-28", substr(text, 5, 10))))
}
pupils[, order := fcase(
  is.na(first_care_date) & is.na(first_offence_date), "neither", is.na(first_care_date), "offence_only", is.na(first_offence_date), "contact_only")]
pupils[is.na(order), order := fcase(
  first_care_date == first_offence_date, "same_day",
  first_care_date <= year_before(first_offence_date), "contact_one_year_or_more_before", first_care_date < first_offence_date, "contact_within_one_year_before",
  first_offence_date <= year_before(first_care_date), "offence_one_year_or_more_before", default = "offence_within_one_year_before")]
setnames(pupils, c("id", "order"), c("pupil_id", "child_looked_after_and_offence_order"))
pupils[, c("is_education", "seen", "level_known", "birth", "adult", "childhood") := NULL]
fwrite(pupils, out)
