# R with dplyr, readr and lubridate: the job of benchmarks/README.md. Arguments: folder of a clean extract; CSV file to write; number of threads.
suppressPackageStartupMessages({
  library(dplyr)
  library(readr)
  library(purrr)
  library(stringr)
  library(tidyr)
  library(lubridate)
})
args <- commandArgs(trailingOnly = TRUE)
folder <- args[1]
out <- args[2]
options(readr.num_threads = as.integer(args[3]), readr.show_progress = FALSE, dplyr.summarise.inform = FALSE)
seeds <- file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "..", "..", "seeds", "lookups")

plain <- function(name) {
  name <- str_remove_all(str_to_lower(name), "[^a-z0-9]")
  str_remove(str_remove(name, "(spr|ab|ex)[0-9]{2}$"), "^(ks4|ks2|pru|ap|cla|cin)")
}

# The files of a table, some columns of them, as text; NA where a file does not have one.
read <- function(pattern, columns) {
  table <- list.files(folder, glob2rx(pattern), full.names = TRUE) |>
    map(function(path) {
      header <- plain(str_split_1(str_remove(read_lines(path, n_max = 1), "^\ufeff"), "\t"))
      chosen <- match(columns, header)
      part <- read_tsv(path, col_names = FALSE, skip = 1, col_types = cols(.default = "c"), col_select = all_of(sort(chosen[!is.na(chosen)])), quote = "", na = "", lazy = FALSE)
      set_names(part, header[sort(chosen[!is.na(chosen)])])
    }) |>
    list_rbind()
  table[setdiff(columns, names(table))] <- NA_character_
  rename(table, id = pupilmatchingrefanonymous)
}
year_of <- function(x) as.integer(str_sub(x, 1, 4)) + 1L
born_of <- function(y, m) as.integer(y) * 100L + as.integer(m)
zero <- function(x) coalesce(as.integer(x), 0L)
age <- function(birth, on) year(on) - year(birth) - (month(on) * 100L + mday(on) < month(birth) * 100L + mday(birth))
# A child whose rows name one pupil is that pupil on its other rows too.
filled <- function(table) {
  pairs <- table |> filter(!is.na(child), !is.na(id)) |> distinct(child, found = id) |> add_count(child) |> filter(n == 1L) |> select(child, found)
  table |> left_join(pairs, by = "child") |> mutate(id = coalesce(id, found))
}
ID <- "pupilmatchingrefanonymous"

census <- read("Spring_*.txt", c(ID, "mojuid", "academicyear", "la", "urn", "yearofbirth", "monthofbirth", "fsmeligible", "ncyearactual", "enrolstatus")) |>
  mutate(y = year_of(academicyear), born = born_of(yearofbirth, monthofbirth), fsm = fsmeligible %in% "1",
         place = case_when(enrolstatus %in% c("C", "M") ~ 1L, is.na(enrolstatus) ~ 2L, enrolstatus == "S" ~ 4L, TRUE ~ 3L)) |>
  select(id, mojuid, y, la, urn, born, fsm, ncyearactual, place)
unit <- read("PRU_*.txt", c(ID, "acadyr", "la", "urn", "yearofbirth", "monthofbirth", "fsmeligible", "ncyearactual")) |>
  mutate(y = year_of(acadyr), born = born_of(yearofbirth, monthofbirth), fsm = fsmeligible %in% "1", place = 8L) |>
  select(id, y, la, urn, born, fsm, ncyearactual, place)
ap <- read("AP_*.txt", c(ID, "acadyr", "fsmeligible")) |>
  transmute(id, y = year_of(acadyr), fsm = fsmeligible %in% "1", place = 9L)

terms <- c("autumn", "spring", "summer", "summer6th")
absence <- read("Absence_*.txt", c(ID, "academicyear", outer(c("sessionspossible", "authorisedabsence", "unauthorisedabsence"), terms, paste0))) |>
  mutate(y = year_of(academicyear), across(ends_with(terms), zero), across(ends_with("summer6th"), ~ if_else(y < 2013L, 0L, .x))) |>
  mutate(possible = sessionspossibleautumn + sessionspossiblespring + sessionspossiblesummer + sessionspossiblesummer6th,
         missed = authorisedabsenceautumn + authorisedabsencespring + authorisedabsencesummer + authorisedabsencesummer6th +
           unauthorisedabsenceautumn + unauthorisedabsencespring + unauthorisedabsencesummer + unauthorisedabsencesummer6th) |>
  group_by(id, y) |>
  summarise(possible = sum(possible), missed = sum(missed), .groups = "drop")

cla <- read("CLA_*.txt", c(ID, "mojuid", "yearofbirth", "monthofbirth", "acadyr", "dateepicomm", "dateepiceased", "rec", "legalstatus", "childlacodeanon", "childidanon", "pocstart", "reasonfornewepisode")) |>
  mutate(y = year_of(acadyr), born = born_of(yearofbirth, monthofbirth), start = ymd(dateepicomm), end = ymd(dateepiceased), period = ymd(pocstart), child = str_c(childlacodeanon, "-", childidanon)) |>
  filled()
cin <- read("CIN_*.txt", c(ID, "mojuid", "yearofbirth", "monthofbirth", "acadyr", "cinreferraldate", "cinat31march", "categoryofabuse", "abusecatfirst", "initialcategoryofabuse",
                           "latestcategoryofabuse", "cppstartdate", "cppenddate", "numberofpreviouscpp", "cinla", "la", "lachildidanon")) |>
  mutate(y = year_of(acadyr), born = born_of(yearofbirth, monthofbirth), referred = ymd(cinreferraldate), child = str_c(coalesce(cinla, la), "-", lachildidanon)) |>
  filled()

slots <- c("0", 1:40)
exclusions <- read("Exclusions_*.txt", c(ID, "academicyear", outer(c("category", "reason", "startdate", "sessions"), c("", 1:40), paste0))) |>
  rename(category0 = category, reason0 = reason, startdate0 = startdate, sessions0 = sessions) |>
  pivot_longer(-c(id, academicyear), names_to = c(".value", "slot"), names_pattern = "([a-z]+)([0-9]+)") |>
  filter(!is.na(category)) |>
  transmute(id, y = year_of(academicyear), category, reason, start = ymd(startdate), sessions) |>
  distinct()

ks4 <- read("KS4Pupil_*.txt", c(ID, "acadyr", "natres", "level2em", "level2emptq", "level2emptqee", "glevel2emptqee", "ptscnewe", "ptscneweptq", "ptscneweptqee", "att8", "passesac"))
ks2 <- read("KS2Pupil_*.txt", ID)
link <- read("MoJ_DfE_Link.txt", c("mojuid", ID))
pnc <- read("PNC_*.txt", c("mojuid", ID, "recno", "offence", "offencedate", "offenceage", "sentencedate", "disposalcode", "disposaltext", "conviction", "country"))

# who
education <- bind_rows(map(list(census, unit, ap, absence, exclusions, ks2, ks4), ~ select(.x, id))) |>
  filter(!is.na(id)) |>
  distinct() |>
  mutate(is_education = TRUE)
births <- bind_rows(map(list(census, unit, cla, cin), ~ select(.x, id, born))) |>
  filter(!is.na(id), !is.na(born)) |>
  group_by(id) |>
  summarise(born = min(born)) |>
  transmute(id, birth_year = born %/% 100L, birth_month = born %% 100L, birth = make_date(birth_year, birth_month, 1L), adult = birth + years(18), childhood = birth %m-% months(7))
pupils <- bind_rows(map(list(cla, cin, link, pnc), ~ select(.x, id))) |>
  filter(!is.na(id)) |>
  distinct() |>
  anti_join(education, by = "id") |>
  mutate(is_education = FALSE) |>
  bind_rows(education) |>
  left_join(births, by = "id")

# school: the main registration of each pupil and year
years_seen <- bind_rows(census, unit, ap) |>
  filter(!is.na(id)) |>
  arrange(id, y, place, la, urn) |>
  add_count(id, y)
years_seen <- bind_rows(
  years_seen |> filter(n == 1L) |> select(id, y, urn, ncyearactual, fsm),
  years_seen |> filter(n > 1L) |> group_by(id, y) |>
    summarise(urn = first(na.omit(urn)), ncyearactual = first(na.omit(ncyearactual)), fsm = any(fsm), .groups = "drop"))
schooling <- years_seen |>
  group_by(id) |>
  summarise(first_census_year = min(y), last_census_year = max(y), n_years_observed = n(), n_schools = n_distinct(urn, na.rm = TRUE), ever_free_school_meals = any(fsm))

absence <- absence |>
  left_join(select(years_seen, id, y, ncyearactual), by = c("id", "y")) |>
  left_join(select(births, id, birth), by = "id") |>
  mutate(group = suppressWarnings(as.integer(recode(ncyearactual, R = "0", N1 = "-2", N2 = "-1"))),
         secondary = between(coalesce(group, as.integer(y - 5 - year(birth) - (month(birth) >= 9))), 7L, 11L) %in% TRUE,
         persistent = if_else(possible > 0L, missed * 100L >= possible * 10L, NA))
absences <- absence |> filter(!is.na(persistent)) |> group_by(id) |> summarise(ever_persistently_absent = any(persistent))
secondary <- absence |> filter(secondary) |> group_by(id) |> summarise(n_secondary_sessions_possible = sum(possible), n_secondary_overall_absence = sum(missed))

of_days <- filter(exclusions, category != "LNCH")
suspended <- of_days |> filter(category %in% c("FIXD", "SUSP")) |> group_by(id) |> summarise(n_suspensions = n(), first_suspension_date = min(start))
permanent <- of_days |> filter(category == "PERM") |> distinct(id, start) |> count(id, name = "n_permanent_exclusions")
seen <- bind_rows(years_seen |> filter(between(y, 2006L, 2021L)) |> select(id), select(absence, id), select(of_days, id)) |> distinct() |> mutate(seen = TRUE)

best <- ks4 |>
  filter(!is.na(id)) |>
  mutate(y = year_of(acadyr), good = as.integer(passesac), att8 = as.numeric(att8),
         achieved = case_when(y <= 2013L ~ level2em, y == 2014L ~ level2emptq, y <= 2016L ~ level2emptqee, TRUE ~ glevel2emptqee) == "1",
         points = as.numeric(case_when(y <= 2013L ~ ptscnewe, y == 2014L ~ ptscneweptq, y <= 2016L ~ ptscneweptqee)),
         five = achieved & good >= 5L) |>
  arrange(desc(natres), desc(achieved), desc(five), desc(att8), desc(points), desc(good), y) |>
  distinct(id, .keep_all = TRUE) |>
  select(id, ks4_academic_year_end = y, achieved_level2_english_maths = achieved, attainment_8_score = att8)

# social care
respite_codes <- read_csv(file.path(seeds, "cla_legal_status.csv"), col_types = cols(.default = "c")) |> filter(is_respite == "true") |> pull(code)
of_care <- cla |>
  filter(!is.na(id)) |>
  left_join(births, by = "id") |>
  mutate(march = make_date(y, 3L, 31L), end = if_else(rec %in% "-10" | is.na(end), march, pmin(end, march)), respite = legalstatus %in% respite_codes) |>
  filter(end >= start, coalesce(start >= childhood & start < adult, TRUE)) |>
  arrange(desc(y), respite, desc(end)) |>
  distinct(id, start, .keep_all = TRUE) |>
  filter(!respite) |>
  # what ran before the first return counts from the start of its period of care
  mutate(end = pmin(end, adult, na.rm = TRUE),
         start = if_else(start < make_date(min(cla$y) - 1L, 4L, 1L) & !(reasonfornewepisode %in% "S"), pmin(start, period, na.rm = TRUE), start)) |>
  arrange(id, start, end) |>
  group_by(id) |>
  mutate(reached = lag(cummax(as.integer(end))), spell = cumsum(is.na(reached) | as.integer(start) > reached)) |>
  group_by(id, spell) |>
  summarise(s = min(start), e = max(end), .groups = "drop") |>
  group_by(id) |>
  summarise(first_care_date = min(s), n_care_spells = n(), care_days_observed = sum(as.integer(e - s)))

of_need <- cin |>
  filter(!is.na(id)) |>
  left_join(births, by = "id") |>
  mutate(march = make_date(y, 3L, 31L), april = make_date(y - 1L, 4L, 1L),
         in_need = cinat31march %in% "1" & coalesce(march < adult, TRUE),
         plan = !is.na(coalesce(categoryofabuse, abusecatfirst, initialcategoryofabuse, latestcategoryofabuse, cppstartdate, cppenddate)) | zero(numberofpreviouscpp) >= 1L) |>
  filter(coalesce(referred >= childhood & referred < adult, TRUE), coalesce(march >= childhood & april < adult, TRUE)) |>
  group_by(id) |>
  summarise(ever_child_in_need = any(in_need), ever_child_protection_plan = any(plan), years_child_in_need = n_distinct(y[in_need]), is_in_cin = TRUE)

# justice
people <- bind_rows(map(list(link, pnc, census, cla, cin), ~ select(.x, mojuid, pupil = id))) |>
  filter(!is.na(mojuid), !is.na(pupil)) |>
  distinct(mojuid, .keep_all = TRUE)
disposals <- read_csv(file.path(seeds, "pnc_disposal.csv"), col_types = cols(.default = "c"))
serious_codes <- read_csv(file.path(seeds, "serious_violence_offence.csv"), col_types = cols(.default = "c"))$code
offences <- pnc |>
  filter(str_to_upper(country) %in% c("ENGLAND AND WALES", "ENGLAND", "WALES")) |>
  inner_join(people, by = "mojuid") |>
  mutate(id = pupil, disposaltext = str_to_upper(disposaltext)) |>
  left_join(select(disposals, disposaltext = label, by_text = code_group), by = "disposaltext") |>
  left_join(disposals |> filter(!is.na(code)) |> select(disposalcode = code, by_code = code_group), by = "disposalcode") |>
  mutate(disposal = coalesce(by_text, by_code, case_when(conviction == "1" ~ "non_custodial", conviction == "0" ~ "caution"))) |>
  filter(disposal %in% c("caution", "non_custodial", "custodial")) |>
  left_join(births, by = "id") |>
  mutate(sentence_day = ymd(sentencedate), event = coalesce(ymd(offencedate), sentence_day)) |>
  filter(coalesce(age(birth, event), as.numeric(offenceage), 10) >= 10) |>
  mutate(serious = str_pad(str_extract(offence, "^[^ ]+"), 5, pad = "0") %in% serious_codes, is_conviction = disposal != "caution")
occasions <- offences |>
  distinct(id, is_conviction, sentence_day) |>
  group_by(id) |>
  summarise(n_sanctions = n(), n_convictions = sum(is_conviction))
of_offences <- offences |>
  group_by(id) |>
  summarise(first_offence_date = min(event), first_sanction_date = min(sentence_day), ever_serious_violence = any(serious))

list(schooling, absences, secondary, suspended, permanent, seen, best, of_care, of_need, occasions, of_offences) |>
  reduce(\(left, right) left_join(left, right, by = "id"), .init = pupils) |>
  mutate(
    across(c(n_suspensions, n_permanent_exclusions), ~ if_else(seen %in% TRUE & is.na(.x), 0L, .x)),
    across(c(n_care_spells, years_child_in_need, n_sanctions, n_convictions), ~ coalesce(.x, 0L)),
    across(c(ever_child_in_need, ever_child_protection_plan, ever_serious_violence), ~ coalesce(.x, FALSE)),
    ever_child_looked_after = !is.na(first_care_date),
    age_first_care = age(birth, first_care_date),
    social_care_level = case_when(ever_child_looked_after ~ "child_looked_after", ever_child_protection_plan ~ "child_protection_plan", ever_child_in_need ~ "child_in_need",
                                  is_in_cin ~ "referral_only", is_education ~ "no_contact"),
    child_looked_after_and_offence_order = case_when(
      is.na(first_care_date) & is.na(first_offence_date) ~ "neither", is.na(first_care_date) ~ "offence_only", is.na(first_offence_date) ~ "contact_only",
      first_care_date == first_offence_date ~ "same_day",
      first_care_date <= first_offence_date %m-% years(1) ~ "contact_one_year_or_more_before", first_care_date < first_offence_date ~ "contact_within_one_year_before",
      first_offence_date <= first_care_date %m-% years(1) ~ "offence_one_year_or_more_before", TRUE ~ "offence_within_one_year_before")) |>
  select(pupil_id = id, everything(), -is_education, -seen, -is_in_cin, -birth, -adult, -childhood) |>
  write_csv(out, na = "")
