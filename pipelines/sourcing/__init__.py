"""From an unknown extract to a source contract: sample, guesses, draft, dry run.

A guess is written where the sample proves it, and marked where only a person can know. Nothing
is read by a draft until a person makes it active. What a contract may say: `pipelines.contracts`.
"""

from pipelines.sourcing.draft import Draft, make_draft, write_draft
from pipelines.sourcing.draft_columns import Zone
from pipelines.sourcing.dry_run import DryRun, dry_run, passing_home
from pipelines.sourcing.possible import Kpi, build_alone, possible_kpis
from pipelines.sourcing.sample import Sample, read_sample, sample_of_frame

__all__ = [
    "Draft",
    "DryRun",
    "Kpi",
    "Sample",
    "Zone",
    "build_alone",
    "dry_run",
    "make_draft",
    "passing_home",
    "possible_kpis",
    "read_sample",
    "sample_of_frame",
    "write_draft",
]
