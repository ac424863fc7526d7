"""`/healthz`: whether there is a snapshot to show, for monitors. It tells no figure and no name."""

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from pipelines.metrics import NoSnapshotError, open_store


def health_route() -> Route:
    """200 with the snapshot that is shown; 503 before anything was published."""

    def health(_request: Request) -> JSONResponse:
        try:
            snapshot = open_store().snapshot
        except NoSnapshotError:
            return JSONResponse({"status": "nothing is published"}, 503)
        return JSONResponse(
            {
                "status": "ok",
                "snapshot": snapshot.id,
                "number": snapshot.number,
                "as_of": snapshot.as_of.isoformat(),
            }
        )

    return Route("/healthz", health)
