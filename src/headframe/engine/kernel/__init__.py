"""The compiled backend: the program as vector code, compiled by LLVM and kept between runs."""
