"""What a material is made of as far as teaching goes: statements that stand alone, lists, key terms. Pure, in five languages.

``reading`` makes it from text, ``joining`` from the matters of several documents. Parts of the reading: ``standing`` (does a sentence
stand alone?), ``resolving`` (names in place of pronouns), ``terms`` with ``defining`` and ``naming`` (key terms and what they
are), ``rows`` (tables), ``places`` (sections of blocks). ``types`` is what the others read.
"""
