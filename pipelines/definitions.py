"""Dagster's entry point, named by workspace.yaml."""

from pipelines.orchestration.assembly import build_definitions
from pipelines.settings import Settings

defs = build_definitions(Settings())
