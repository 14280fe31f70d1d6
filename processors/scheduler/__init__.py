"""The scheduler: folds joblog.events, dispatches attempts, schedules retries, routes dead letters."""
