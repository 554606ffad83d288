"""Cargoes, their ports and carriers: something to report on."""
