"""Evidence: the observation table, the city folder, vintages, reconciliation and the Panel."""
