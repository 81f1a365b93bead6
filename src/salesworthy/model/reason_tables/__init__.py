"""Exact shares of a forest's score as tables: what a lead costs is a few look-ups and additions per tree.

The SHAP values of one leaf depend on one bit per feature on its path: does the lead keep to the path there? Leaves of a
tree are packed into blocks that need at most 8 bits together (a long path may need up to 16). A block is a table with a
row per pattern of bits: the exact path-dependent SHAP values, summed over its leaves. Every feature value is coded in
one byte (two where it has very many thresholds), and every feature of a block turns that byte into its bits by one
look-up.

==============  ====================================================================================
``forest``      LightGBM's text model as arrays
``codes``       feature values as small whole numbers that every split can be read from
``blocks``      leaves of a tree packed by the bits that they need
``leaf_shares`` the exact shares of a block's leaves, for every pattern of its bits
``tables``      all of it as a few arrays, with their hash
``building``    from forest to tables
``kernels``     leads through tables: numba for many, numpy for few, the same figures to the last bit
``proof``       tables held against LightGBM's own shares
``store``       tables kept beside a bundle
==============  ====================================================================================
"""
