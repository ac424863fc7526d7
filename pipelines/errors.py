"""The exception tree: everything the warehouse raises on purpose derives from `KpiError`.

KpiError
├── ContractError      a data contract says something impossible
├── ExtractError       a file breaks a promise of its contract as a whole; carries a reason code
├── StillGrowingError  a file changed while it was copied; nothing of it was kept
├── FetchError         a database, web service or object store did not give all it has
├── SampleError        a sample of which no draft of a contract can be made
├── CalendarError      the opening-hours calendars of the seeds
├── StorageError       the home folder is full or cannot be written
├── SecretError        the key of the pseudonyms cannot be used
├── BuildError         dbt or a gate stopped the build
├── LockedError        another run holds the warehouse
├── NoSnapshotError    nothing has been published yet
├── QueryError         a metric, dimension or filter that does not exist
├── ExportError        a file that cannot be made of what is shown
├── AccessError        a reader who is not let in, or asks for what is not theirs
├── SignInError        sign-in is configured wrongly, or lacks where it is compulsory
└── SimulationError    a simulation that cannot be made, or not there

The message is one sentence for a person: which promise, where it is written, what came
instead, what to do.
"""


class KpiError(Exception):
    """Root of all errors raised on purpose."""


class ContractError(KpiError):
    """A data contract cannot be used."""


class ExtractError(KpiError):
    """A file breaks a promise of its contract as a whole and is refused.

    `reason` is a short stable code such as `missing_column`, counted in the ledger.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class SampleError(KpiError):
    """A draft of a contract cannot be made of this sample."""


class StillGrowingError(KpiError):
    """A file changed while it was copied; nothing of it was kept."""


class FetchError(KpiError):
    """A pull failed and nothing of it was landed; `is_transient`: another try may help."""

    def __init__(self, message: str, is_transient: bool = False) -> None:
        super().__init__(message)
        self.is_transient = is_transient


class StorageError(KpiError):
    """The home folder is full or cannot be written."""


class SecretError(KpiError):
    """The key of the pseudonyms cannot be used."""


class CalendarError(KpiError):
    """An opening-hours calendar cannot be built from its seeds."""


class BuildError(KpiError):
    """dbt or a quality gate stopped the build; nothing was published."""


class LockedError(KpiError):
    """Another run holds the warehouse."""


class NoSnapshotError(KpiError):
    """Nothing has been published yet."""


class QueryError(KpiError):
    """A metric, dimension or filter does not exist."""


class ExportError(KpiError):
    """A file cannot be made of what is shown."""


class AccessError(KpiError):
    """A reader is not let in, or asks for what is not theirs."""


class SignInError(KpiError):
    """Sign-in is configured wrongly, or a server would answer others without it."""


class SimulationError(KpiError):
    """A simulation cannot be made, or not in the folder asked for."""
