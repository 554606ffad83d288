"""The export views of other packages, as their documentation shows them, a module for each.

``cargoes`` sends the measured file, ``shipments`` a file with a column of a related object. A
module is imported by the first request for it, so that no worker loads a package in vain.
"""
