"""The command line: one verb, one command. Imports the API and nothing deeper."""
