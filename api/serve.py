"""Run the service."""

from __future__ import annotations

import uvicorn


def serve(host: str, port: int, workers: int) -> int:
    """Serve until told to stop; what is being answered then is answered to its end."""
    uvicorn.run(
        "api.app:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        # An access log would hold addresses with query strings, and so patient data.
        access_log=False,
        # Below this level a traceback would be printed, and with it what a caller sent.
        log_level="critical",
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    return 0
