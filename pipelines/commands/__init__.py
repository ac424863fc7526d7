"""One module per command of `kpi`; each parses arguments and prints, nothing more."""
