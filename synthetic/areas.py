"""The local authorities of the sample: eight real ones in two regions, and how the sample spreads children over them."""

from __future__ import annotations

from dataclasses import dataclass

# Ethnicity by kind of area. Codes: school census minor ethnic groups. Shares: assumed, in the spirit of the two regions.
NORTH_EAST_MIX = {"WBRI": 86, "WOTH": 3, "WIRI": 0.5, "WIRT": 0.3, "WROM": 0.5, "MWBC": 0.7, "MWBA": 0.6, "MWAS": 1.2, "MOTH": 1.0, "AIND": 0.8,
                  "APKN": 1.4, "ABAN": 1.0, "AOTH": 0.8, "BCRB": 0.2, "BAFR": 1.2, "BOTH": 0.2, "CHNE": 0.4, "OOTH": 0.6, "NOBT": 0.6, "REFU": 0.4}
OUTER_LONDON_MIX = {"WBRI": 30, "WOTH": 16, "WIRI": 1.0, "WIRT": 0.3, "WROM": 0.4, "MWBC": 3.0, "MWBA": 1.4, "MWAS": 1.6, "MOTH": 3.4, "AIND": 8,
                    "APKN": 6, "ABAN": 2, "AOTH": 6, "BCRB": 6, "BAFR": 8, "BOTH": 2, "CHNE": 0.7, "OOTH": 3.2, "NOBT": 0.6, "REFU": 0.8}


@dataclass(frozen=True)
class Area:
    """One local authority.

    Attributes:
        code: three-digit code used by the Department for Education.
        weight: children relative to the other areas (assumed).
        poverty: mean of the income deprivation score of its neighbourhoods, 0 to 1 (assumed).
        ethnicity: weights by ethnic group code.
    """

    code: str
    name: str
    region: str
    weight: float
    poverty: float
    ethnicity: dict[str, float]


AREAS = (
    Area("390", "Gateshead", "North East", 0.8, 0.21, NORTH_EAST_MIX),
    Area("806", "Middlesbrough", "North East", 0.7, 0.33, NORTH_EAST_MIX),
    Area("840", "County Durham", "North East", 1.8, 0.22, NORTH_EAST_MIX),
    Area("929", "Northumberland", "North East", 1.1, 0.17, NORTH_EAST_MIX),
    Area("304", "Brent", "Outer London", 1.2, 0.28, OUTER_LONDON_MIX),
    Area("306", "Croydon", "Outer London", 1.5, 0.24, OUTER_LONDON_MIX),
    Area("308", "Enfield", "Outer London", 1.3, 0.30, OUTER_LONDON_MIX),
    Area("320", "Waltham Forest", "Outer London", 1.1, 0.27, OUTER_LONDON_MIX),
)
