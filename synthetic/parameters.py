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
    "fsm": 0.43, "cin": 0.55, "cla": 0.50, "absence": 0.37, "unauthorised": 0.52, "suspended": 0.80, "excluded": 0.60, "alternative": 0.62,
    "sen": 0.45, "sen_plan": 0.30, "ks4": -0.66, "ks2_english": -0.31, "ks2_maths": -0.22,
}
# Level of each (fitted to its share among all pupils): multiplies a hazard, or is a share or threshold where the module says so.
LEVEL = {
    "fsm": 1.03, "cin": 1.0, "cla": 1.0, "absence": -3.05, "unauthorised": -2.6, "suspended": 1.0, "excluded": 1.0, "alternative": 1.0,
    "sen": 0.44, "sen_plan": 0.045, "ks4_any": 0.03, "ks4_five_g": 0.09, "ks4_five_c": 0.42, "ks2_english": 0.13, "ks2_maths": 0.13,
    "offence": 1.0, "violence": -1.9, "plan": 0.15, "referral": 0.47,
}
# Steepness: log hazard per standard deviation of a propensity (assumed).
STEEPNESS = {"cin": 1.1, "cla": 1.5, "suspended": 1.7, "excluded": 1.6, "alternative": 1.7, "offence": 2.0}
# Log hazard of a first offence, and log odds that an offence is one of serious violence, by sex and ethnic group (fitted).
OFFENCE = {"male": 1.25, "WHIT": 0.0, "MIXD": 0.5, "ASIA": -0.6, "BLAC": 0.3, "CHIN": -0.6, "AOEG": 0.0, "UNCL": 0.5}
VIOLENCE = {"risk": 0.35, "male": 0.6, "WHIT": 0.0, "MIXD": 0.5, "ASIA": 0.5, "BLAC": 0.9, "CHIN": 0.0, "AOEG": 0.8, "UNCL": 0.2}
# First offences by year of age from 10: hazard relative to each other (fitted to published shares of ages at first offence, 10 to 18;
# from 19 on assumed), and log odds of serious violence by age at offence, relative to each other (fitted to ages at first such offence).
FIRST_OFFENCE = [2.4, 4.2, 7.0, 10.0, 14.5, 17.5, 17.5, 17.5, 23.0, 16.0, 13.0, 11.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.5, 4.0, 3.5, 3.0, 2.5]
VIOLENCE_AGE = [-0.8, -0.5, -0.5, -0.2, 0.0, 0.1, 0.15, 0.1, 0.0]
# What follows a first offence of serious violence within a month or two, as a share of those pupils (fitted to published timing).
AFTERMATH = {"referral": 0.05, "care": 0.02, "excluded": 0.025, "suspended": 0.03}
# Planted effects: the factor on a later hazard from the day of the event on (assumed).
CAUSES = {
    ("first entry to care", "first offence"): 1.30,
    ("first permanent exclusion", "first offence"): 1.60,
    ("first entry to care", "first suspension"): 1.25,
    ("first permanent exclusion", "alternative provision"): 4.0,
}
LINKED = 0.77  # offenders who are linked to a pupil (published); differences between groups in `justice` (assumed)
