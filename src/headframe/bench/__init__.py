"""The runner of the benchmarks in `benchmarks/`: rows beside peers, each subject in a process of its own."""
