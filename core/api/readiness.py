"""Whether the default model is loaded; asking begins to load it."""

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

from core.inference.model import shared_diagnostician
from core.inference.population import population_in_use
from core.messages.errors import StillLoading

_WAIT_SECONDS = 0.5


def _load() -> None:
    population_in_use()
    shared_diagnostician()


class Readiness:
    """Loads what a reading by the default model needs, in a thread of its own."""

    def __init__(self) -> None:
        self._loader = ThreadPoolExecutor(1)
        self._lock = Lock()
        self._loading: Future[None] | None = None

    def check(self) -> None:
        """Return where the model is loaded. What failed is tried again by the next check.

        Raises:
            StillLoading: Not yet.
            WeightsError: The weights cannot be trusted.
        """
        with self._lock:
            loading = self._loading = self._loading or self._loader.submit(_load)
        try:
            loading.result(_WAIT_SECONDS)
        except TimeoutError:
            raise StillLoading from None
        except Exception:
            self._loading = None
            raise
