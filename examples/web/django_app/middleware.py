"""What joblog says, in the words of HTTP."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse

from examples.web.problems import detail_of, headers_of, status_of
from joblog import JoblogError


class JoblogErrors:
    """Answers for views that joblog has refused; all other errors are left to Django."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Do nothing on the way in and out."""
        return self._get_response(request)

    def process_exception(self, _: HttpRequest, error: Exception) -> JsonResponse | None:
        """Answer for an error."""
        if not isinstance(error, JoblogError) or (status := status_of(error)) is None:
            return None
        return JsonResponse(
            {"detail": detail_of(error, status)}, status=status, headers=headers_of(status)
        )
