"""What handlers run within: resources that are opened once in a process, and middleware around each call."""

from joblog.processors.worker.scope.middleware import Middleware, middleware_of
from joblog.processors.worker.scope.resources import Resource, resource_of
from joblog.processors.worker.scope.scope import Scope

__all__ = ["Middleware", "Resource", "Scope", "middleware_of", "resource_of"]
