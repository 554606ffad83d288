"""Cargoes, ports and carriers: the data of the demo reports."""
