"""Why a place stands where it stands: six challenges, lock-in, loops, dependence, and what is not known."""
