"""Synthetic extracts shaped like the linked education, social care and justice data.

Nobody in these files exists. A small world of children is drawn from a seed, their school years and social care lives are written down, and
returns are made of them in the form in which the data owners deliver extracts: file names, column names, blanks, codes and errors included.

    python -m synthetic --pupils 3000 --share both --seed 1989 --out FOLDER [--clean]

Where things stand: `people` (who they are), `school` (census rows), `social_care` (true lives), `justice` (the link table), `reporting`
(lives to returns, one share at a time), `dirt` (what is wrong with real files), `columns` and `delivery` (how each file looks), `files`
(bytes on disk). Shares of children with social care are far above the nation's, so that a small sample meets every rule.
"""
