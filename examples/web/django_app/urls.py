"""What is where."""

from django.urls import path

from examples.web.django_app import views

urlpatterns = [
    path("reports", views.order_report, name="reports"),
    path("reports/<path:job_id>", views.show_report, name="report"),
]
