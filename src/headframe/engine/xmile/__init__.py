"""Export as XMILE: one run of a model as a file for Stella, Vensim and others."""
