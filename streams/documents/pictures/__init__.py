"""Pictures that are drawn from the code: the states of a job, and how records flow."""
