"""The ground floor: units, prices, errors, provenance, files, randomness, jobs, words. Imports nothing of ours."""
