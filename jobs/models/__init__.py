from jobs.models.audit_event import AuditEvent
from jobs.models.budget import Budget, LedgerEntry
from jobs.models.credential import Credential
from jobs.models.image import Image, JobImage
from jobs.models.job import Job
from jobs.models.job_event import JobEvent
from jobs.models.price import Price
from jobs.models.project import Project
from jobs.models.rendition import Rendition
from jobs.models.user import User
from jobs.models.webhook_event import WebhookEvent

__all__ = [
    "AuditEvent",
    "Budget",
    "Credential",
    "Image",
    "Job",
    "JobEvent",
    "JobImage",
    "LedgerEntry",
    "Price",
    "Project",
    "Rendition",
    "User",
    "WebhookEvent",
]
