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
    "fsm": 0.508, "cin": 0.766, "cla": 0.887, "absence": 0.581, "unauthorised": 0.708, "suspended": 0.945, "excluded": 0.788,
    "alternative": 0.938, "sen": 0.456, "sen_plan": 0.344, "ks4": -0.744, "ks2_english": -0.368, "ks2_maths": -0.264,
}
# Level of each (fitted to its share among all pupils): multiplies a hazard, or is a share or threshold where the module says so.
LEVEL = {
    "fsm": 1.017, "cin": 1, "cla": 1.038, "absence": -3.208, "unauthorised": -2.099, "suspended": 1.84, "excluded": 1.462,
    "alternative": 1.924, "sen": 0.431, "sen_plan": 0.036, "ks4_any": 0.039, "ks4_five_g": 0.086, "ks4_five_c": 0.418, "ks2_english": 0.129,
    "ks2_maths": 0.13, "offence": 6.487, "violence": -2.761, "plan": 0.165, "referral": 0.8,
}
# Steepness: log hazard per standard deviation of a propensity (assumed).
STEEPNESS = {"cin": 1.8, "cla": 2.0, "suspended": 2.6, "excluded": 2.2, "alternative": 3.0, "offence": 3.0}
# Log hazard of a first offence, and log odds that an offence is one of serious violence, by sex and ethnic group (fitted).
OFFENCE = {
    "male": 1.896, "WHIT": 0, "MIXD": 1.185, "ASIA": -1.016, "BLAC": 0.862, "CHIN": -0.6, "AOEG": -0.095,
    "UNCL": 1.939,
}
VIOLENCE_PROPENSITIES = ("risk", "fsm", "cin", "cla", "suspended", "alternative", "ks4", "ks2_english", "unauthorised")
VIOLENCE = {
    "risk": 0.2, "fsm": 0.044, "cin": -0.363, "cla": 0.92, "suspended": 0.043, "alternative": 0.868, "ks4": -0.189,
    "ks2_english": 0.146, "unauthorised": -0.257, "male": 1.804, "WHIT": 0, "MIXD": 1.554, "ASIA": 0.606, "BLAC": 2.172,
    "CHIN": 0, "AOEG": 1.768, "UNCL": 1.191,
}
# First offences by year of age from 10: hazard relative to each other (fitted to published shares of ages at first offence, 10 to 18;
# from 19 on assumed), and log odds of serious violence by age at offence, relative to each other (fitted to ages at first such offence).
FIRST_OFFENCE = [0.81, 1.97, 4.14, 7.5, 13.34, 20, 23.43, 26.08, 42.57, 16, 13, 11, 9, 8, 7, 6, 5, 4.5, 4, 3.5, 3, 2.5]
VIOLENCE_AGE = [-2.53, -1.28, -0.92, 0.01, 0.52, 0.88, 1.15, 1.26, 0.92]
# What follows a first offence of serious violence within a month or two, as a share of those pupils (fitted to published timing).
AFTERMATH = {"referral": 0.18, "care": 0.17, "excluded": 0.03, "suspended": 0.03}
# Planted effects: the factor on a later hazard from the day of the event on (assumed).
CAUSES = {
    ("first entry to care", "first offence"): 1.30,
    ("first permanent exclusion", "first offence"): 1.60,
    ("first entry to care", "first suspension"): 1.25,
    ("first permanent exclusion", "alternative provision"): 4.0,
}
LINKED = 0.77  # offenders who are linked to a pupil (published); differences between groups in `justice` (assumed)
