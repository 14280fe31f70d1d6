"""Settings of the Django application; it has no database, no sessions and no cookies."""

import os

SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "for development only")
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
ROOT_URLCONF = "examples.web.django_app.urls"
WSGI_APPLICATION = "examples.web.django_app.wsgi.application"
MIDDLEWARE = ["examples.web.django_app.middleware.JoblogErrors"]
TIME_ZONE = "UTC"
USE_TZ = True
