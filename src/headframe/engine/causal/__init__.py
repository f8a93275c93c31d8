"""The causal structure: signed links, feedback loops, diagrams."""
