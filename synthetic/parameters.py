"""The strengths of the world: how strongly each part of a child's life goes with the risk of offending, and how common each is.

Each child has one standard normal `risk`, drawn at birth. Every lifelong propensity (to be suspended, to be in need, ...) is a standard normal too,
`loading * risk + sqrt(1 - loading**2) * own part`; the own parts of related propensities share a factor (family: free meals, need, care, absence;
learning: special needs, attainment). What then happens, and when, comes from hazards by age times `exp(steepness * propensity)`, so the order of
events is not set anywhere: it emerges. `CAUSES` are the planted effects of one event on later ones, over and above what the shared risk explains.

Loadings and levels were fitted by repeated runs of the world against the published shares of the 2019/20 dashboard "Education, children's social
care and offending" (all pupils, any offence, serious violence); the steepness of the hazards is assumed.
"""

from __future__ import annotations

# Correlation of each propensity with the risk of offending (fitted to the share of each among pupils with any offence).
LOADING = {
    "fsm": 0.482, "cin": 0.675, "cla": 0.915, "absence": 0.589, "unauthorised": 0.716, "suspended": 0.95, "excluded": 0.908,
    "alternative": 0.913, "sen": 0.46, "sen_plan": 0.342, "ks4": -0.753, "ks2_english": -0.375, "ks2_maths": -0.27,
}
# Level of each (fitted to its share among all pupils): multiplies a hazard, or is a share or threshold where the module says so.
LEVEL = {
    "fsm": 1.033, "cin": 1, "cla": 1.235, "absence": -3.225, "unauthorised": -2.068, "suspended": 1.839, "excluded": 1.12,
    "alternative": 1.80, "sen": 0.431, "sen_plan": 0.036, "ks4_any": 0.036, "ks4_five_g": 0.089, "ks4_five_c": 0.418, "ks2_english": 0.129,
    "ks2_maths": 0.13, "offence": 6.209, "violence": -3.27, "plan": 0.172, "referral": 1.44,
}
# Steepness: log hazard per standard deviation of a propensity (assumed).
STEEPNESS = {"cin": 2.2, "cla": 2.0, "suspended": 2.6, "excluded": 2.2, "alternative": 3.0, "offence": 3.0}
# Log hazard of a first offence, and log odds that an offence is one of serious violence, by sex and ethnic group (fitted).
OFFENCE = {
    "male": 1.904, "WHIT": 0, "MIXD": 1.146, "ASIA": -1.223, "BLAC": 0.752, "CHIN": -0.6, "AOEG": -0.12,
    "UNCL": 1.66,
}
VIOLENCE_PROPENSITIES = ("risk", "fsm", "cin", "cla", "suspended", "alternative", "ks4", "ks2_english", "unauthorised", "sen")
VIOLENCE = {
    "risk": 0.2, "fsm": -0.20, "cin": -0.50, "cla": 2.72, "suspended": -0.29, "alternative": 0.80, "ks4": -0.04,
    "ks2_english": 0.225, "unauthorised": -0.74, "sen": 0.17, "male": 2.27, "WHIT": 0, "MIXD": 1.45, "ASIA": 0.199,
    "BLAC": 1.74, "CHIN": 0, "AOEG": 1.34, "UNCL": 1.12,
}
# First offences by year of age from 10: hazard relative to each other (fitted to published shares of ages at first offence, 10 to 18;
# from 19 on assumed), and log odds of serious violence by age at offence, relative to each other (fitted to ages at first such offence).
FIRST_OFFENCE = [0.77, 1.92, 4.04, 7.8, 13.06, 19.95, 22.95, 27.81, 42.21, 16, 13, 11, 9, 8, 7, 6, 5, 4.5, 4, 3.5, 3, 2.5]
VIOLENCE_AGE = [-3.30, -1.78, -1.12, -0.15, 0.52, 1.06, 1.41, 1.46, 1.07]
VIOLENCE_LATER = 0.01  # log odds for each earlier occasion, three at most (fitted to the share with an earlier offence)
# What follows a first offence of serious violence within a month or two, as a share of those pupils (fitted to published timing).
AFTERMATH = {"referral": 0.21, "care": 0.128, "excluded": 0.054, "suspended": 0.235, "absent": 0.08, "alternative": 0.01, "support": 0.04}
# Suspensions and permanent exclusions that would have come later do not, because the pupil is no longer there: days from the offence, and the share
# of them that do not happen from then on (fitted to published timing).
AWAY = {"first_suspension": ((58, 0.50), (90, 0.25), (180, 0.0), (300, 0.2)), "first_exclusion": ((260, 0.42), (720, 0.65))}
# Planted effects: the factor on a later hazard from the day of the event on (assumed).
CAUSES = {
    ("first entry to care", "first offence"): 1.30,
    ("first permanent exclusion", "first offence"): 1.60,
    ("first suspension", "first offence within a year"): 1.33,
    ("first permanent exclusion", "first offence within half a year"): 2.40,
    ("first entry to care", "first suspension"): 1.25,
    ("first permanent exclusion", "alternative provision"): 4.0,
}
LINKED = 0.77  # offenders who are linked to a pupil (published); differences between groups in `justice` (assumed)
