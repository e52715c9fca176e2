from jobs.models.audit_event import AuditEvent
from jobs.models.belongings import Belongings
from jobs.models.heartbeat import Heartbeat
from jobs.models.jobs.batch import Batch, BatchRow
from jobs.models.jobs.choice import Choice
from jobs.models.jobs.image import Image, JobImage
from jobs.models.jobs.job import Job
from jobs.models.jobs.job_event import JobEvent
from jobs.models.jobs.rendition import Rendition
from jobs.models.jobs.tag import Tag
from jobs.models.jobs.unlisted_host import UnlistedHost
from jobs.models.jobs.webhook_event import WebhookEvent
from jobs.models.life import Life, Lifeline
from jobs.models.limit_use import LimitUse
from jobs.models.money.balance_reading import BalanceReading
from jobs.models.money.budget import Budget, LedgerEntry
from jobs.models.money.budget_request import BudgetRequest, BudgetWarning
from jobs.models.money.feed import FeedPrice, FeedReading
from jobs.models.money.ledger_check import LedgerCheck
from jobs.models.money.price import Price
from jobs.models.money.statement import Statement
from jobs.models.money.withdrawn_model import WithdrawnModel
from jobs.models.news.mailing import Mailing
from jobs.models.news.notice import Notice
from jobs.models.news.notice_wish import NoticeWish
from jobs.models.news.trouble import Trouble
from jobs.models.shares.blocked_visitor import BlockedVisitor
from jobs.models.shares.review_note import ReviewNote
from jobs.models.shares.share_link import SharedTake, ShareLink
from jobs.models.stray import Stray
from jobs.models.studio.preset import Preset
from jobs.models.studio.prompt_template import PromptTemplate
from jobs.models.studio.saved_view import SavedView
from jobs.models.team.address_link import AddressLink
from jobs.models.team.credential import Credential
from jobs.models.team.invitation import Invitation
from jobs.models.team.password_link import PasswordLink
from jobs.models.team.project import Project
from jobs.models.team.session import Session
from jobs.models.team.team import Team
from jobs.models.team.user import User

__all__ = [
    "AddressLink",
    "AuditEvent",
    "BalanceReading",
    "Batch",
    "BatchRow",
    "Belongings",
    "BlockedVisitor",
    "Budget",
    "BudgetRequest",
    "BudgetWarning",
    "Choice",
    "Credential",
    "FeedPrice",
    "FeedReading",
    "Heartbeat",
    "Image",
    "Invitation",
    "Job",
    "JobEvent",
    "JobImage",
    "LedgerCheck",
    "LedgerEntry",
    "Life",
    "Lifeline",
    "LimitUse",
    "Mailing",
    "Notice",
    "NoticeWish",
    "PasswordLink",
    "Preset",
    "Price",
    "Project",
    "PromptTemplate",
    "Rendition",
    "ReviewNote",
    "SavedView",
    "Session",
    "ShareLink",
    "SharedTake",
    "Statement",
    "Stray",
    "Tag",
    "Team",
    "Trouble",
    "UnlistedHost",
    "User",
    "WebhookEvent",
    "WithdrawnModel",
]
