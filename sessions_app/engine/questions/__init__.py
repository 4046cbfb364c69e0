"""The built-in question writer: questions about the key terms, lists and definitions of the material, without a model.

``writing`` is the entry point. Each module that it lists yields the ``Draft`` objects of one kind of question (``drafts``). What
they share: ``places`` (where terms stand), ``siblings`` (wrong options), ``enumerations`` (series in a sentence), ``worth`` (what
is worth asking) and ``wholeness`` (what is understood without the text around it).
"""
