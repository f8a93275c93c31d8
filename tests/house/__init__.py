"""House rules as tests: each rule is a function of a source tree, so that a planted violation can show it works."""
