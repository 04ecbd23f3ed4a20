"""A synthetic England in the form of the linked education, social care and justice data: nobody in it exists, and every answer is known.

    python -m synthetic --pupils 150000 --share both --seed 1 --out FOLDER      any size up to fifty million pupils
    python -m synthetic report FOLDER                                           the world beside published figures

Lives come first: `people` (who they are), `social_care`, `school`, `justice` (what happens to them, by hazards of age that their circumstances and
earlier events raise), held together by `world`, with strengths in `parameters` and authorities in `areas`. Then `reporting` and its parts turn lives
into the returns of each year and cut a share from them; `dirt` spoils them; `columns`, `delivery` and `files` say how each file looks; `making` runs
it all in chunks. `truth` writes beside the extract what really happened, and `report` compares a world with what is published of England.
"""
