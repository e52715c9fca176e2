"""Tables of orders: handed in, looked through, corrected, and ordered by one confirmation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobs import batches
from jobs.forms.batches import (
    COLUMNS,
    ChangeBatchForm,
    HandInForm,
    OrderBatchForm,
    Table,
    as_csv,
    template,
)
from jobs.forms.batches.rows import most_rows
from jobs.letters import isolated
from jobs.lifecycle import NotSubmitted, TooManyOrders
from jobs.limits import TooMany
from jobs.models import Batch, User
from jobs.providers import PROVIDERS
from jobs.views.access import Request, batch_to_see
from jobs.views.answers import csv
from jobs.views.callers import later
from jobs.views.http import uploads
from jobs.views.studio.batches.progress import progress_page

LISTED = 100
NEWS = (
    "A price or what was made before has changed since you looked. Look again, then order. Nothing "
    "was ordered."
)


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Request) -> HttpResponse:
    """The tables there are, and with POST a new one."""
    if request.method != "POST":
        form = HandInForm(initial={**HandInForm.fresh_key(), "text": _left_over(request)})
        return _list(request, form)
    form = HandInForm(request.POST, request.FILES)
    if not _takes(request, form):
        return _list(request, form, status=422)
    try:
        batch = batches.keep(request.user, key=form.key, **form.table)
    except batches.TooManyDrafts as error:
        form.add_error(None, error.user_message)
        return _list(request, form, status=422)
    except TooMany as error:
        form.add_error(None, error.user_message)
        return later(_list(request, form, status=422), error)
    return redirect("batch", batch.pk)


@require_safe
def template_file(request: Request) -> HttpResponseBase:
    """A table to fill in."""
    header, *rows = template()
    return csv.stream("dailies-batch", header, rows)


@require_http_methods(["GET", "HEAD", "POST"])
def batch(request: Request, batch_id: UUID) -> HttpResponse:
    """One table: a draft with what is wrong with it, or what became of its rows.

    With POST its owner puts another text into the draft (`save`), or orders it.
    """
    found = batch_to_see(request.user, batch_id)
    if request.method == "POST":
        if found.owner_id != request.user.pk:
            messages.error(request, f"Only {isolated(found.owner.label)} can change or order this.")
        elif found.state != Batch.State.DRAFT:
            messages.info(request, "This table was already ordered.")
        elif "save" in request.POST:
            return _save(request, found)
        else:
            return _order(request, found)
        return redirect("batch", found.pk)
    if found.state != Batch.State.DRAFT:
        return progress_page(request, found)
    return _draft(request, found)


@require_POST
def delete(request: Request, batch_id: UUID) -> HttpResponse:
    found = batch_to_see(request.user, batch_id)
    if batches.discard(found):
        messages.success(request, f"Deleted: {isolated(found.name)}.")
        return redirect("batches")
    messages.error(request, "This table was ordered, so it stays.")
    return redirect("batch", found.pk)


def _takes(request: Request, form: HandInForm | ChangeBatchForm) -> bool:
    for _, why in uploads.unread(request):
        form.add_error("file", why)
    return form.is_valid()


def _save(request: Request, found: Batch) -> HttpResponse:
    form = ChangeBatchForm(request.POST, request.FILES)
    if not _takes(request, form):
        return _draft(request, found, changing=form, status=422)
    if not batches.change(found, **form.table):
        messages.info(request, "This table was ordered meanwhile, so nothing was changed.")
    return redirect("batch", found.pk)


def _order(request: Request, found: Batch) -> HttpResponse:
    table, form = Table(found.text, request.user), OrderBatchForm(request.POST)
    if not table.is_right or not form.is_valid():
        return _draft(request, found, table=table, ordering=form, status=422)
    lines, choice = table.lines, Batch.Choice(form.cleaned_data["choice"])
    if form.cleaned_data["seen"] != table.seen:
        form.add_error(None, NEWS)
    elif not form.cleaned_data["again"] and batches.ordered_before(request.user, found, lines):
        form.add_error("again", "You ordered this table before. Tick this to order it once more.")
    elif choice == Batch.Choice.ALL and not batches.outlook(request.user, lines).all_fit:
        form.add_error("choice", "It doesn’t fit as a whole, so nothing was ordered.")
    if form.errors:
        return _draft(request, found, table=table, ordering=form, status=422)
    try:
        is_first = batches.confirm(found, lines, columns=table.columns, choice=choice)
    except NotSubmitted as error:
        form.add_error(None, error.user_message)
        response = _draft(request, found, table=table, ordering=form, status=422)
        return later(response, error.too_many if isinstance(error, TooManyOrders) else None)
    if not is_first:
        messages.info(request, "This table was changed or ordered in another tab.")
    return redirect("batch", found.pk)


def _draft(
    request: Request,
    found: Batch,
    *,
    table: Table | None = None,
    changing: ChangeBatchForm | None = None,
    ordering: OrderBatchForm | None = None,
    status: int = 200,
) -> HttpResponse:
    owner: User = found.owner
    table = table or Table(found.text, owner)
    context: dict[str, Any] = {
        "batch": found,
        "table": table,
        "changing": changing or ChangeBatchForm(initial={"text": found.text}),
        "is_owner": owner.pk == request.user.pk,
    }
    if table.is_right:
        outlook = batches.outlook(owner, table.lines)
        usual = Batch.Choice.ALL if outlook.all_fit else Batch.Choice.FITTING
        if ordering is None or ordering.data.get("seen") != table.seen:
            # What is confirmed is what is shown now.
            errors = ordering.non_field_errors() if ordering else ()
            ordering = OrderBatchForm(initial={"choice": usual, "seen": table.seen})
            context["news"] = errors
        before = batches.ordered_before(owner, found, table.lines)
        fits = zip(table.rows, outlook.fits, strict=True)
        context |= {"outlook": outlook, "before": before}
        context["beyond"] = {row.number for row, holds in fits if not holds}
    return render(
        request, "studio/batch_draft.html", {**context, "ordering": ordering}, status=status
    )


def _list(request: Request, form: HandInForm, *, status: int = 200) -> HttpResponse:
    found = Batch.objects.visible_to(request.user).select_related("owner").defer("text", "columns")
    context = {
        "form": form,
        "columns": COLUMNS,
        "most": most_rows(),
        "providers": PROVIDERS.values(),
        "batches": found.annotate(number=Count("rows"), made=Count("rows__job"))[:LISTED],
    }
    return render(request, "studio/batches.html", context, status=status)


def _left_over(request: Request) -> str:
    """The rows that were not ordered of the batch that the address names, as a table to paste."""
    try:
        wanted = UUID(request.GET.get("from", ""))
    except ValueError:
        return ""
    source = Batch.objects.visible_to(request.user).filter(pk=wanted).first()
    if source is None:
        return ""
    left = source.rows.exclude(error="").values_list("cells", flat=True)
    return as_csv([source.columns, *left])
