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
    "fsm": 0.482, "cin": 0.679, "cla": 0.865, "absence": 0.589, "unauthorised": 0.716, "suspended": 0.95, "excluded": 0.908,
    "alternative": 0.913, "sen": 0.46, "sen_plan": 0.342, "ks4": -0.753, "ks2_english": -0.375, "ks2_maths": -0.27,
}
# Level of each (fitted to its share among all pupils): multiplies a hazard, or is a share or threshold where the module says so.
LEVEL = {
    "fsm": 1.033, "cin": 1, "cla": 1.26, "absence": -3.208, "unauthorised": -2.068, "suspended": 1.839, "excluded": 1.12,
    "alternative": 1.98, "sen": 0.431, "sen_plan": 0.036, "ks4_any": 0.039, "ks4_five_g": 0.089, "ks4_five_c": 0.418, "ks2_english": 0.129,
    "ks2_maths": 0.13, "offence": 6.209, "violence": -3.17, "plan": 0.165, "referral": 1.48,
}
# Steepness: log hazard per standard deviation of a propensity (assumed).
STEEPNESS = {"cin": 2.2, "cla": 2.0, "suspended": 2.6, "excluded": 2.2, "alternative": 3.0, "offence": 3.0}
# Log hazard of a first offence, and log odds that an offence is one of serious violence, by sex and ethnic group (fitted).
OFFENCE = {
    "male": 1.904, "WHIT": 0, "MIXD": 1.146, "ASIA": -1.223, "BLAC": 0.752, "CHIN": -0.6, "AOEG": -0.266,
    "UNCL": 1.66,
}
VIOLENCE_PROPENSITIES = ("risk", "fsm", "cin", "cla", "suspended", "alternative", "ks4", "ks2_english", "unauthorised", "sen")
VIOLENCE = {
    "risk": 0.2, "fsm": -0.20, "cin": -0.47, "cla": 2.1, "suspended": -0.19, "alternative": 0.9, "ks4": -0.21,
    "ks2_english": 0.225, "unauthorised": -0.67, "sen": 0.225, "male": 2.088, "WHIT": 0, "MIXD": 1.33, "ASIA": 0.199,
    "BLAC": 1.74, "CHIN": 0, "AOEG": 1.282, "UNCL": 0.9,
}
# First offences by year of age from 10: hazard relative to each other (fitted to published shares of ages at first offence, 10 to 18;
# from 19 on assumed), and log odds of serious violence by age at offence, relative to each other (fitted to ages at first such offence).
FIRST_OFFENCE = [0.77, 1.92, 4.04, 7.8, 13.06, 19.95, 22.95, 27.81, 42.21, 16, 13, 11, 9, 8, 7, 6, 5, 4.5, 4, 3.5, 3, 2.5]
VIOLENCE_AGE = [-2.8, -1.55, -0.96, -0.12, 0.52, 1.06, 1.35, 1.44, 1.07]
VIOLENCE_LATER = 0.07  # log odds for each earlier occasion, three at most (fitted to the share with an earlier offence)
# What follows a first offence of serious violence within a month or two, as a share of those pupils (fitted to published timing).
AFTERMATH = {"referral": 0.21, "care": 0.14, "excluded": 0.055, "suspended": 0.20, "absent": 0.045, "off_roll": 0.45}
# Planted effects: the factor on a later hazard from the day of the event on (assumed).
CAUSES = {
    ("first entry to care", "first offence"): 1.30,
    ("first permanent exclusion", "first offence"): 1.60,
    ("first entry to care", "first suspension"): 1.25,
    ("first permanent exclusion", "alternative provision"): 4.0,
}
LINKED = 0.77  # offenders who are linked to a pupil (published); differences between groups in `justice` (assumed)
