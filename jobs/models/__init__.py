from jobs.models.audit_event import AuditEvent
from jobs.models.balance_reading import BalanceReading
from jobs.models.budget import Budget, BudgetRequest, BudgetWarning, LedgerEntry
from jobs.models.credential import Credential
from jobs.models.image import Image, JobImage
from jobs.models.invitation import Invitation
from jobs.models.job import Job
from jobs.models.job_event import JobEvent
from jobs.models.price import Price
from jobs.models.project import Project
from jobs.models.rendition import Rendition
from jobs.models.review_note import ReviewNote
from jobs.models.share_link import SharedTake, ShareLink
from jobs.models.statement import Statement
from jobs.models.team import Team
from jobs.models.user import User
from jobs.models.webhook_event import WebhookEvent

__all__ = [
    "AuditEvent",
    "BalanceReading",
    "Budget",
    "BudgetRequest",
    "BudgetWarning",
    "Credential",
    "Image",
    "Invitation",
    "Job",
    "JobEvent",
    "JobImage",
    "LedgerEntry",
    "Price",
    "Project",
    "Rendition",
    "ReviewNote",
    "ShareLink",
    "SharedTake",
    "Statement",
    "Team",
    "User",
    "WebhookEvent",
]
