"""Where things are and how this installation runs: the only reader of the environment.

What a number means is not here: that is in contracts, seeds and the semantic layer.
"""

import os
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_DIR = Path(__file__).resolve().parents[1]


class Settings(BaseSettings):
    """Paths and environment; every field can be set as `KPI_<FIELD>`."""

    model_config = SettingsConfigDict(env_prefix="KPI_", frozen=True)

    home: Path = PROJECT_DIR / "data"
    contracts_dir: Path = PROJECT_DIR / "data_contracts"
    timezone: str = "Asia/Shanghai"
    nightly_cron: str = "30 2 * * *"
    memory_limit: str = "4GB"
    snapshots_kept: int = 5
    dashboard_port: int = 8501
    # A delivered file whose size and time did not change for this long is taken as whole.
    settled_seconds: float = 5.0
    secret_key: SecretStr | None = None
    # Sign-in with an OpenID Connect provider: all five, or none and the dashboard stays local.
    auth_metadata_url: str | None = None
    auth_client_id: str | None = None
    auth_client_secret: SecretStr | None = None
    auth_redirect_uri: str | None = None
    auth_cookie_secret: SecretStr | None = None
    # How long one sign-in is good for.
    auth_hours: float = 12
    # How long a sign-in may go without use.
    auth_idle_minutes: float = 30
    # How long a query of Explore may run.
    console_seconds: float = 10.0
    # The claim in which the identity provider names a user's groups.
    groups_claim: str = "groups"

    @property
    def landing_dir(self) -> Path:
        return self.home / "landing"

    @property
    def archive_dir(self) -> Path:
        return self.home / "archive"

    @property
    def pulls_dir(self) -> Path:
        """What was fetched from databases and web services, pull by pull, as it came."""
        return self.home / "pulls"

    @property
    def raw_dir(self) -> Path:
        return self.home / "raw"

    @property
    def key_path(self) -> Path:
        """The key of the pseudonyms where the environment (`KPI_SECRET_KEY`) gives none."""
        return self.home / "secret.key"

    @property
    def access_path(self) -> Path:
        """Who may sign in to the dashboards, with which role and scope."""
        return self.home / "access.yaml"

    @property
    def access_dir(self) -> Path:
        """The log of who looked at what."""
        return self.home / "access"

    @property
    def compiled_dir(self) -> Path:
        """SQL that questions compiled to."""
        return self.home / "compiled"

    @property
    def console_dir(self) -> Path:
        """Explore: masked copies of snapshots, saved queries and their history."""
        return self.home / "console"

    @property
    def reference_dir(self) -> Path:
        return self.home / "reference"

    @property
    def build_path(self) -> Path:
        """Marts and reference of the night's build: the file that is published."""
        return self.home / "build" / "warehouse.duckdb"

    @property
    def working_path(self) -> Path:
        """Staging and intermediate tables of the night's build."""
        return self.home / "build" / "working.duckdb"

    @property
    def snapshots_dir(self) -> Path:
        return self.home / "snapshots"

    @property
    def runs_dir(self) -> Path:
        return self.home / "runs"

    @property
    def absences_dir(self) -> Path:
        """What sources could not bring the last time they were asked."""
        return self.home / "absences"

    @property
    def work_dir(self) -> Path:
        """Scratch on the same file system as `raw`, so that a rename commits."""
        return self.home / "work"

    @property
    def dagster_dir(self) -> Path:
        return self.home / "dagster"

    @property
    def dbt_dir(self) -> Path:
        return PROJECT_DIR / "dbt_project"

    def secret(self, name: str) -> str | None:
        """A variable a contract names as `${NAME}`; None where it is not set."""
        return os.environ.get(name)
