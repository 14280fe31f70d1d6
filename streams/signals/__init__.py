"""What a process tells those who watch it: metrics, liveness, readiness."""
