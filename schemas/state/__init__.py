"""What the state tables hold: the job's row, the position in the log, held records, lost topics."""

from joblog.schemas.state.held_record import HeldRecord
from joblog.schemas.state.job_row import JobRow, Opening
from joblog.schemas.state.log_position import LogPosition
from joblog.schemas.state.lost_topic import LostTopic

__all__ = ["HeldRecord", "JobRow", "LogPosition", "LostTopic", "Opening"]
