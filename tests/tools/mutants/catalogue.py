"""Ways to break the product's promises, each of which some test must notice.

A mutant is an exact replacement of text. `test_mutants` holds that every text is found once, so
that none of them can silently stop to be one; `make mutants` holds that each is killed.
"""

from __future__ import annotations

from dataclasses import dataclass

PROPERTY = "tests/promises/test_promises.py"
LIMITS = "tests/money/test_limits.py"
RACES = "tests/lifecycle/test_races.py"
TAKES = "tests/lifecycle/ordering/test_takes.py"
TAKE_RACES = "tests/lifecycle/ordering/test_take_races.py"
PICKS = "tests/promises/test_pick_histories.py"
FIRST_PICK = "tests/shares/test_picks.py"
LEFT_TO_THE_NEXT = "test_a_take_that_is_there_in_4k_starts_nothing_and_leaves_it_to_the_next_pick"
SENDS = "tests/lifecycle/sending/test_sending.py"
BACKLOG = "tests/faults/machine/test_backlog.py"
CIRCUIT = "tests/lifecycle/sending/test_circuit.py"
ACCIDENTS = "tests/lifecycle/test_accidents.py"
HEARS = "tests/lifecycle/outcome/test_observing.py"
DOUBT = "tests/lifecycle/outcome/test_doubt.py"
UPGRADES = "tests/lifecycle/ordering/test_upgrades.py"
LARGER = "tests/promises/test_larger_copies.py"
PEOPLE = "tests/people/test_people.py"
CONFIRMS = "tests/lifecycle/ordering/test_confirming.py"
KEEPS = "tests/archive/kept/test_files.py"
DECODES = "tests/archive/intake/test_decoders.py"
GUESSES = "tests/views/accounts/test_guessing.py"
FORGOTTEN = "tests/views/accounts/test_forgotten.py"
PROVES = "tests/views/accounts/test_proof.py"
SSO = "tests/views/accounts/test_sso.py"
TABLES = "tests/batches/test_ordering.py"
SHOWN_AGAIN = "tests/views/shares/test_shown_again.py"
ZIPS = "tests/views/files/test_zips.py"
LIVES = "tests/lifecycle/test_lives.py"
RESTORES = "tests/faults/machine/test_restore.py"
READS = "tests/providers/kie/test_market.py"
EVERY_ORDER = "tests/providers/contract/test_every_order.py"
BY_SEED = "tests/lifecycle/test_omni.py"
WITHOUT_SEED = "tests/lifecycle/test_seedance.py"
GONE = "tests/lifecycle/sending/test_withdrawn.py"
FEEDS = "tests/money/test_feeds.py"
LISTED = "tests/providers/test_price_feed.py"
CHANGES = "tests/lifecycle/ordering/test_changing.py"
CHANGING = "tests/views/studio/composer/test_changing_films.py"


@dataclass(frozen=True)
class Edit:
    """One replacement in one file."""

    path: str
    before: str
    after: str


@dataclass(frozen=True)
class Mutant:
    """One way to be wrong, and the tests of which at least one must fail because of it."""

    name: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...] = (PROPERTY,)


APPROVING = "jobs/lifecycle/ordering/approving.py"
CLAIMS = "jobs/lifecycle/sending/claims.py"
SENDING = "jobs/lifecycle/sending/paid_request.py"
ACCEPTING = "jobs/lifecycle/sending/accepting.py"
REACH = "jobs/lifecycle/sending/reach.py"
BALANCES = "jobs/follower/balances.py"
NEWS = "jobs/lifecycle/outcome/observing.py"
PROVING = "jobs/lifecycle/outcome/proving.py"
CHARGES = "jobs/lifecycle/outcome/charges.py"
ENTRY = "jobs/lifecycle/ordering/submitting.py"
HOLDING = "jobs/lifecycle/ordering/holding.py"
TAKES_OF = "jobs/lifecycle/ordering/takes.py"
CONFIRMING = "jobs/lifecycle/ordering/confirming.py"
BATCH = "jobs/batches/ordering.py"
BATCH_CONFIRMING = "jobs/batches/confirming.py"
FILES = "jobs/archive/kept/files.py"
DECODERS = "jobs/archive/intake/decoders.py"
RESOLVING = "jobs/lifecycle/outcome/resolving.py"
LEDGER = "jobs/ledger/movements.py"
SPREADING = "jobs/ledger/spreading.py"
ASKING = "jobs/follower/asking.py"
DEALING = "jobs/follower/dealing.py"
SWEEPING = "jobs/follower/sweeping.py"
LEASE = "jobs/archive/fetching/lease.py"
INBOX = "jobs/inbox.py"
PICKING = "jobs/lifecycle/ordering/picking.py"
UPGRADING = "jobs/shares/upgrading.py"
LEAVING = "jobs/people/leaving.py"
SIGN_INS = "jobs/people/sign_ins.py"
LINKS = "jobs/people/signing_in/password_links.py"
PROOF = "jobs/views/proof.py"
CALLBACK = "jobs/views/accounts/signing_in/sso.py"
ISSUER = "jobs/views/accounts/signing_in/issuer.py"
HTTP = "jobs/providers/http.py"
ENVELOPE = "jobs/providers/kie/envelope.py"
ADDRESSES = "jobs/shares/addresses.py"
TAKEN = "jobs/views/files/wanted.py"
PACKED = "jobs/archive/packed.py"
NOTCHES = "jobs/lives.py"
AFTER_RESTORE = "jobs/lifecycle/sending/after_restore.py"
KIE = "jobs/providers/kie/client.py"
MARKET = "jobs/providers/kie/market/records.py"
MARKET_ORDERS = "jobs/providers/kie/market/orders.py"
PRICES = "jobs/pricing/price_list.py"
PRICE_CHANGES = "jobs/pricing/changing.py"
PUBLISHED = "jobs/providers/kie/prices.py"
COMPARING = "jobs/feeds/comparing.py"
UPLOADING = "jobs/lifecycle/sending/uploading.py"
CONDITIONS = "jobs/lifecycle/ordering/preconditions.py"
INTAKE = "jobs/views/studio/composer/images.py"

_WHEN_UNKNOWN = 'doubt(job, error.user_message, code="outcome-unknown", claim=claim.number)'

MUTANTS = (
    # ── At most one billable submission per human confirmation ───────────────────────────────────
    Mutant(
        "no write-ahead: the claim is committed after the request",
        (Edit(SENDING, "def start(job_id", "@transaction.atomic\ndef start(job_id"),),
    ),
    Mutant(
        "no permission: sent whether or not the claim was won",
        (Edit(CLAIMS, "return claim if _commit(claim) else None", "_commit(claim); return claim"),),
        (f"{SENDS}::test_it_is_not_sent_before_its_time",),
    ),
    Mutant(
        "an unknown outcome means failure",
        (Edit(SENDING, _WHEN_UNKNOWN, "_refuse(claim, errors.Refused(error.detail))"),),
    ),
    Mutant(
        "an unknown outcome is tried again",
        (Edit(SENDING, _WHEN_UNKNOWN, "_again(claim, error.user_message, 5)"),),
    ),
    Mutant(
        "what a dead worker left is sent again",
        (
            Edit(
                ACCEPTING,
                "        Status.UNCERTAIN,\n        text,\n",
                "        Status.QUEUED,\n        text,\n",
            ),
        ),
    ),
    Mutant(
        "a broken connection means that nothing was sent",
        (Edit(HTTP, "nothing_sent = not deadline.opened and", "nothing_sent = deadline and"),),
    ),
    Mutant(
        "an error of the server means that nothing was done",
        (
            Edit(
                HTTP,
                'raise OutcomeUnknown(f"{method}: {answer.summary}")',
                "raise NotAccepted(answer.summary)",
            ),
        ),
        (f"{SENDS}::test_an_answer_that_proves_nothing_is_uncertain", PROPERTY),
    ),
    Mutant(
        "an acceptance without an id means that nothing was done",
        (
            Edit(
                ENVELOPE,
                'raise OutcomeUnknown("accepted without a valid task id")',
                'raise Maintenance("accepted without a valid task id")',
            ),
        ),
        (f"{SENDS}::test_an_answer_that_proves_nothing_is_uncertain", PROPERTY),
    ),
    Mutant(
        "a database that was put back under a worker is sent from",
        (Edit(CLAIMS, "memory = lives.notch()", 'memory = lives.Memory("", 0)'),),
        (f"{LIVES}::test_a_worker_whose_database_is_put_back_under_it_sends_nothing",),
    ),
    Mutant(
        "a database that has come less far than it had is believed",
        (Edit(NOTCHES, "lifeline.notches < known.notches", "known is None"),),
        (f"{RESTORES}::test_nothing_is_bought_twice_whatever_the_moment_of_the_dump",),
    ),
    Mutant(
        "what was queued at the dump is sent",
        (Edit(AFTER_RESTORE, "UNSENT = (Status.QUEUED,", "UNSENT = ("),),
        (f"{RESTORES}::test_nothing_is_bought_twice_whatever_the_moment_of_the_dump",),
    ),
    Mutant(
        "the submission key is ignored",
        (
            Edit(
                ENTRY,
                "            submission_key=take.key,",
                "            submission_key=uuid5(NAMESPACE_URL, str(id(take))),",
            ),
        ),
    ),
    Mutant(
        "a used submission key takes other content",
        (Edit(ENTRY, "job.submission_digest != take.submission.digest()", "not job.pk"),),
    ),
    Mutant(
        "a used submission key takes another number of takes",
        (
            Edit(
                ENTRY,
                "if found and found.keys() != {take.key for take in takes}:",
                "if found and not found.keys() >= {take.key for take in takes}:",
            ),
        ),
        (f"{TAKES}::test_the_same_key_with_another_number_of_takes_is_refused", PROPERTY),
    ),
    Mutant(
        "an order of one take and one of four go by keys of their own",
        (Edit(TAKES_OF, "return [key, *(", "return [uuid5(key, 'take 1'), *("),),
        (f"{TAKE_RACES}::test_one_key_that_arrives_many_times_at_once_is_one_order", TAKES),
    ),
    Mutant(
        "a larger copy that ended is asked for again",
        (Edit(ASKING, "if job.kind in UPGRADES and not _may_ask_for(job):", "if False:"),),
        (f"{LARGER}::test_a_larger_copy_that_was_given_up_is_not_asked_for_again",),
    ),
    Mutant(
        # What is ordered and what is marked are one transaction, and the key is the second bolt.
        "a row of a table is ordered with a key of that moment, and marked afterwards",
        (
            Edit(BATCH, "uuid5(row.batch_id, str(row.number))", "__import__('uuid').uuid4()"),
            Edit(
                BATCH,
                "    with transaction.atomic():\n        waiting = BatchRow",
                "    if row:\n        waiting = BatchRow",
            ),
        ),
        (f"{TABLES}::test_a_worker_that_dies_anywhere_leaves_each_row_to_be_ordered_once",),
    ),
    Mutant(
        "all or nothing is ordered row by row",
        (
            Edit(
                BATCH,
                "        with transaction.atomic():\n            if not _hold(batch):\n",
                "        if batch:\n            if not _hold(batch):\n",
            ),
        ),
        (f"{TABLES}::test_all_or_nothing_is_nothing_where_the_last_row_does_not_fit", PROPERTY),
    ),
    Mutant(
        "a table is confirmed as often as somebody says so",
        (
            Edit(
                BATCH_CONFIRMING,
                "Batch.objects.drafts().filter(pk=batch.pk, text=batch.text)",
                "Batch.objects.filter(pk=batch.pk)",
            ),
        ),
        (f"{TABLES}::test_of_two_confirmations_the_first_counts", PROPERTY),
    ),
    Mutant(
        "a row is ordered at whatever price there is by now",
        (
            Edit(
                BATCH,
                "if news := lifecycle.costs_otherwise(submission, row.cost, row.takes):",
                "if news := lifecycle.costs_otherwise(submission, None, row.takes):",
            ),
        ),
        (f"{TABLES}::test_a_row_whose_price_changed_since_it_was_confirmed_is_not_ordered",),
    ),
    Mutant(
        "who was shut out goes on ordering",
        (
            Edit(BATCH, "    if not batch.owner.is_active:\n", "    if not batch.owner:\n"),
            Edit(
                BATCH,
                "User.objects.filter(pk=batch.owner_id, is_active=True)",
                "User.objects.filter(pk=batch.owner_id)",
            ),
        ),
        (f"{TABLES}::test_nothing_more_is_ordered_for_who_was_shut_out",),
    ),
    Mutant(
        "what was confirmed in practice mode is ordered for real",
        (Edit(BATCH, "if batch.practice != settings.PRACTICE:", "if not batch.pk:"),),
        (f"{TABLES}::test_what_was_confirmed_in_practice_mode_never_costs_real_credits",),
    ),
    # ── At-least-once observation, no silent loss ────────────────────────────────────────────────
    Mutant(
        "a callback is believed",
        (
            Edit(
                INBOX,
                "            _nudge(job.job_id)\n",
                "            from jobs import lifecycle\n"
                "            from jobs.models import Job\n"
                "            from jobs.providers.base import Result, Snapshot, State\n"
                "            made = Job.objects.get(pk=job.job_id)\n"
                "            lifecycle.attach(made, news.external_id)\n"
                '            film = Result("https://x.example/a.mp4", "720p")\n'
                "            lifecycle.observe(made.pk, Snapshot(State.SUCCEEDED, (film,)))\n",
            ),
        ),
    ),
    Mutant(
        "an id is attached without proof",
        (
            Edit(
                PROVING, "    echo = snapshot.echo\n", "    return True\n    echo = snapshot.echo\n"
            ),
        ),
        (f"{ACCIDENTS}::test_a_kie_record_that_repeats_nothing_proves_nothing", PROPERTY),
    ),
    Mutant(
        "a callback of an uncertain job is not looked into",
        (Edit(ASKING, "            search(job, key)\n", "            pass\n"),),
    ),
    Mutant(
        "a lost answer about a larger copy is not asked for",
        (Edit(ACCEPTING, "if job.kind in UPGRADES and job.source is not None:", "if False:"),),
        (f"{UPGRADES}::test_a_lost_answer_is_resolved_by_asking_again",),
    ),
    Mutant(
        "an id that cannot be committed is dropped",
        (Edit(SENDING, "    except BaseException as error:", "    except KeyError as error:"),),
        (
            f"{SENDS}::test_an_id_that_cannot_be_committed_is_kept_on_disk_and_replayed",
            f"{ACCIDENTS}::test_the_time_limit_striking_during_the_commit_spools_the_id",
        ),
    ),
    Mutant(
        "every worker tries a provider that can't be reached",
        (Edit(CLAIMS, "if not reach.may_try(credential):", "if False:"),),
        (f"{CIRCUIT}::test_a_night_without_the_provider_fails_nothing_and_tries_nothing_in_vain",),
    ),
    Mutant(
        "many probe at once",
        (Edit(CLAIMS, "key.unreachable_since and not circuit.take_probe(key)", "False"),),
        (f"{CIRCUIT}::test_of_many_that_would_probe_at_once_one_may",),
    ),
    Mutant(
        "an answer that proves nothing lets the whole queue loose",
        (
            Edit(
                BALANCES,
                "    except (errors.ProviderError, vault.Unreadable):\n        return\n",
                "    except (errors.ProviderError, vault.Unreadable):\n        pass\n",
            ),
        ),
        (f"{CIRCUIT}::test_an_answer_that_proves_nothing_leaves_it_open",),
    ),
    Mutant(
        "what waits for a provider is given up before its day is over",
        (Edit(REACH, "DAY_SECONDS = 24 * 3600", "DAY_SECONDS = 3600"),),
        (PROPERTY, f"{CIRCUIT}::test_after_a_day_it_fails_with_its_hold_released"),
    ),
    Mutant(
        "a forgotten wake-up is not repeated",
        (Edit(DEALING, "                queue.start(job_id)\n", "                pass\n"),),
    ),
    Mutant(
        "who ordered most has what waits sent before all others",
        (Edit(DEALING, 'partition_by=F("account"), ', ""),),
        (f"{BACKLOG}::test_of_each_account_the_oldest_is_sent_first_then_the_second_of_each",),
    ),
    Mutant(
        "workers are woken for what its account cannot send yet",
        (Edit(DEALING, "        if nth <= slots[account]\n", ""),),
        (f"{BACKLOG}::test_nobody_is_woken_for_an_account_that_cannot_send_yet",),
    ),
    Mutant(
        "a film that was put off is fetched by whoever is woken late",
        (
            Edit(
                LEASE,
                "free = _waiting(rendition_id).not_put_off()\n",
                "free = _waiting(rendition_id)\n",
            ),
        ),
        (
            "tests/archive/fetching/test_store.py::test_a_file_that_was_put_off_is_left_alone_until_then",
        ),
    ),
    Mutant(
        "a table whose wake-up was lost is left alone",
        (Edit(SWEEPING, "        batches.wake,\n", ""),),
        (f"{TABLES}::test_a_batch_whose_wake_up_was_lost_is_found_by_the_follower", PROPERTY),
    ),
    # ── Exactly-once settlement ──────────────────────────────────────────────────────────────────
    Mutant(
        # The database would refuse it twice over, so these two constraints are gone as well.
        "the end of a job is settled by everybody who hears of it",
        (
            Edit(
                NEWS,
                "        if not in_time and not late:\n",
                "        if not in_time and not late:\n            ledger.settle(job, charge)\n",
            ),
            Edit(
                "jobs/migrations/0001_initial.py",
                '("kind__in", ["settle", "release"])',
                '("kind__in", ["grant"])',
            ),
            Edit("jobs/migrations/0001_initial.py", '("held__gte", 0)', '("held__gte", -10_000)'),
        ),
        (f"{RACES}::test_poll_and_callback_settle_once",),
    ),
    Mutant(
        "a status is overwritten, whatever it is",
        (
            Edit(
                "jobs/lifecycle/moves.py",
                "filter(where, pk=job_id, status=status)",
                "filter(where, pk=job_id)",
            ),
        ),
    ),
    Mutant(
        "the budget is looked at first and held later",
        (
            Edit(
                LEDGER,
                'fits = Q(is_capped=False) | Q(balance__gte=F("held") + share)',
                "fits = Q()",
            ),
        ),
        # SQLite lets one write at a time, so the race itself shows it on PostgreSQL alone.
        ("tests/money/test_limits.py::test_what_somebody_else_took_since_one_looked_is_not_held",),
    ),
    Mutant(
        "a hold needs no budget",
        (
            Edit(
                LEDGER,
                'fits = Q(is_capped=False) | Q(balance__gte=F("held") + share)',
                "fits = Q()",
            ),
            Edit(SPREADING, "share := min(budget.available, left)", "share := left"),
        ),
    ),
    Mutant(
        "the team's cap bounds nobody",
        (Edit(SPREADING, "(budget.is_capped and budget.available < quote)", "False"),),
        (
            "tests/money/test_limits.py::test_all_that_applies_must_hold_or_nothing_is_held",
            PROPERTY,
        ),
    ),
    Mutant(
        "of several takes only the first is held for",
        (Edit(HOLDING, "ledger.reserve(*jobs)", "ledger.reserve(jobs[0])"),),
        (f"{TAKES}::test_four_takes_are_one_group_of_different_seeds_and_hold_their_price",),
    ),
    Mutant(
        "of several takes as many are held for as fit",
        (
            Edit(
                HOLDING,
                "            ledger.reserve(*jobs)\n",
                "            with suppress(ledger.NotEnough):\n"
                "                for job in jobs:\n"
                "                    ledger.reserve(job)\n",
            ),
            Edit(
                HOLDING,
                "from django.db import",
                "from contextlib import suppress\nfrom django.db import",
            ),
        ),
        (f"{TAKES}::test_what_does_not_fit_as_a_whole_is_parked_as_a_whole", PROPERTY),
    ),
    Mutant(
        "of several takes one is approved and the others wait for ever",
        (
            Edit(
                APPROVING, "_admit(_parked(request.pk), by,", "_admit(_parked(request.pk)[:1], by,"
            ),
        ),
        (f"{TAKES}::test_all_takes_are_approved_together", PROPERTY),
    ),
    Mutant(
        "a take that was called off is still asked for",
        (Edit(APPROVING, 'request.update(credits=F("credits") - job.quote)', "pass"),),
        (PROPERTY, TAKES),
    ),
    Mutant(
        "a project's cap is not asked for",
        (
            Edit(
                LEDGER,
                "open_for(job.payer, job.paid_project, day)\n        own",
                "open_for(job.payer, None, day)\n        own",
            ),
        ),
    ),
    Mutant(
        "a video is paid by the project that it is filed under by then",
        (
            Edit(
                LEDGER,
                "open_for(job.payer, job.paid_project, day)\n        own",
                "open_for(job.payer, job.project, day)\n        own",
            ),
        ),
        ("tests/keeping/test_moving.py",),
    ),
    Mutant(
        "what is not over can be thrown away",
        (Edit("jobs/keeping/trash.py", "if job.status not in FINISHED:", "if False:"),),
        ("tests/keeping/test_trash.py",),
    ),
    Mutant(
        "a hold ends on the day of its end",
        (Edit(LEDGER, '"booked_on": hold.booked_on', '"booked_on": today()'),),
    ),
    Mutant(
        "what was approved for one job stays when that does not need it",
        (
            Edit(
                LEDGER,
                "min(max(approved.get(hold.budget_id, 0) - unspent, 0), within)",
                "approved.get(hold.budget_id, 0)",
            ),
        ),
        (
            "tests/lifecycle/ordering/test_approving.py::test_what_was_approved_for_a_job_is_taken_back_if_it_is_called_off",
        ),
    ),
    Mutant(
        "a decided request is decided again",
        (
            Edit(
                "jobs/lifecycle/ordering/approving.py",
                "pk=request.pk, state=BudgetRequest.State.OPEN",
                "pk=request.pk",
            ),
        ),
        (PROPERTY, f"{RACES}::test_one_request_is_approved_once"),
    ),
    Mutant(
        "a lost job gives its credits back",
        (
            Edit(
                NEWS,
                "charge = job.quote if job.practice == settings.PRACTICE else 0",
                "charge = 0",
            ),
        ),
    ),
    Mutant(
        "a video that turns up late is not paid for",
        (
            Edit(
                NEWS,
                'ledger.reverse(job, charge, reason="The video turned up after all")',
                "pass",
            ),
        ),
    ),
    Mutant(
        "what was charged above the quote is not spent",
        (Edit(LEDGER, "        if share > within:\n", "        if False:\n"),),
        (f"{HEARS}::test_more_than_quoted_is_paid_and_flagged", PROPERTY),
    ),
    Mutant(
        "a job that is called off keeps its hold",
        (
            Edit(
                ENTRY,
                'ledger.release(job, reason="Canceled before it was sent", actor=by)',
                "pass",
            ),
        ),
    ),
    # ── A pick that pays ─────────────────────────────────────────────────────────────────────────
    Mutant(
        "what is held for a pick stays held when nobody picks",
        (Edit(PICKING, "    ledger.release(job, reason=text, actor=by)\n", ""),),
        (PICKS,),
    ),
    Mutant(
        "a pick looks at no rule, and the database no more",
        (
            Edit(PICKING, "preconditions.lock_source(job.owner, wanted)", "source"),
            Edit(
                "jobs/migrations/0001_initial.py",
                '("kind__in", ["upgrade_1080p", "upgrade_4k"])',
                '("kind__in", ["upgrade_1080p"])',
            ),
        ),
        # The histories come upon it by chance alone.
        (f"{FIRST_PICK}::{LEFT_TO_THE_NEXT}", PICKS),
    ),
    Mutant(
        "a link that is over keeps its hold",
        (Edit(UPGRADING, " | ~Q(pk__in=ShareLink.objects.open())", ""),),
        (PICKS,),
    ),
    Mutant(
        "every pick has one made",
        (
            Edit(
                UPGRADING,
                "    if now.upgrade is None or not now.awaits_pick:\n        return\n",
                "    if now.upgrade is None:\n        return\n"
                "    if not now.awaits_pick:\n        hold(now)\n        now.refresh_from_db()\n",
            ),
        ),
        ("tests/shares/test_picks.py::test_the_first_pick_counts",),
    ),
    Mutant(
        "a write-off does not wait",
        (Edit(RESOLVING, " & Q(sent_at__lte=clock.after(-WRITE_OFF_SECONDS))", ""),),
        (f"{DOUBT}::test_nobody_states_anything_in_the_first_quarter_of_an_hour",),
    ),
    # ── Before an order, and where files are kept ────────────────────────────────────────────────
    Mutant(
        "an order at another price than was seen is not asked about",
        (Edit(CONFIRMING, "seen is not None and seen != cost", "seen is None"),),
        (CONFIRMS,),
    ),
    Mutant(
        "an order that was taken before is asked about again",
        (
            Edit(
                CONFIRMING,
                "return None if news and _is_ordered(owner, key) else news",
                "return news",
            ),
        ),
        (CONFIRMS,),
    ),
    Mutant(
        "what would come out the same is sold twice without a word",
        (Edit(CONFIRMING, " or same.seed_chosen", ""),),
        (CONFIRMS,),
    ),
    Mutant(
        "a kept file gets its name before the disk has it",
        (Edit(FILES, "        disk.sync(part)\n", ""),),
        (KEEPS,),
    ),
    Mutant(
        "the name of a kept file is not synced",
        (Edit(FILES, "        disk.sync(_on_disk(str(folder)))\n", "        pass\n"),),
        (KEEPS,),
    ),
    # ── Somebody leaves ──────────────────────────────────────────────────────────────────────────
    Mutant(
        "a leaver's key is wiped while a job runs",
        (
            Edit(
                LEAVING,
                "        return\n    for credential in",
                "        pass\n    for credential in",
            ),
        ),
        (f"{PEOPLE}::test_a_running_job_is_followed_with_its_key_to_its_end", PROPERTY),
    ),
    Mutant(
        "a film is none because nobody could look at it",
        (
            Edit(
                DECODERS,
                "except (apart.TooLong, Interrupted) as error:\n        raise Unread(",
                "except (apart.TooLong, Interrupted) as error:\n        raise NotAFilm(",
            ),
        ),
        (f"{DECODES}::test_a_film_that_could_not_be_looked_at_is_no_worse_for_that",),
    ),
    Mutant(
        "what a leaver had running passes on before it has ended",
        (
            Edit(
                LEAVING,
                "open_ones = Q(status__in=[*LIVE, Status.AWAITING_BUDGET])",
                "open_ones = Q(pk=None)",
            ),
        ),
        (f"{PEOPLE}::test_a_running_job_is_followed_with_its_key_to_its_end", PROPERTY),
    ),
    Mutant(
        "a leaver takes their credits along",
        (Edit(LEAVING, "if unspent := ledger.granted_to(person).available:", "if unspent := 0:"),),
    ),
    Mutant(
        "the heir has paid for what they inherit",
        (
            Edit(
                LEAVING,
                "ended.update(owner=heir,",
                "ended.update(owner=heir, payer=heir,",
            ),
        ),
    ),
    # ── Nobody comes in as somebody else, and nobody keeps somebody out ──────────────────────────
    Mutant(
        "guesses are not counted",
        (Edit(SIGN_INS, "limits.take_all(*attempt.counts)\n    except", "pass\n    except"),),
        (f"{GUESSES}::test_after_five_wrong_ones_a_right_one_waits_and_nothing_is_computed",),
    ),
    Mutant(
        "a known browser is held up by strangers",
        (Edit(SIGN_INS, 'if where[0] == "address":', "if not self.inside:"),),
        (f"{GUESSES}::test_where_they_have_signed_in_before_no_stranger_keeps_the_owner_out",),
    ),
    Mutant(
        "a link for a new password works twice",
        (Edit(LINKS, "pk=link.pk, ended_at=None).update", "pk=link.pk).update"),),
        (f"{FORGOTTEN}::test_of_two_who_use_a_link_at_once_one_sets_the_password",),
    ),
    Mutant(
        "the password is never asked for again",
        (Edit(PROOF, "time.time() - latest <", "0 <"),),
        (
            f"{PROVES}::test_before_money_rights_keys_and_addresses_change_the_password_is_asked_for",
        ),
    ),
    Mutant(
        "any signature of an issuer will do",
        (
            Edit(
                ISSUER, "lookup_kid=jwtkit.lookup_kid_jwk,", "lookup_kid=None, verify_signature=0,"
            ),
        ),
        (f"{SSO}::test_an_identity_that_somebody_else_signed_is_not_believed",),
    ),
    Mutant(
        "an identity of another attempt will do",
        (Edit(CALLBACK, 'claims.get("nonce") != wanted["nonce"]', "not wanted"),),
        (f"{SSO}::test_an_identity_that_is_not_meant_for_us_is_not_believed",),
    ),
    Mutant(
        "an address of a link opens for any other",
        (Edit(ADDRESSES, 'return f"share link {digest}"', "return 'a share link'"),),
        (f"{SHOWN_AGAIN}::test_the_sealed_address_opens_for_its_own_link_alone",),
    ),
    Mutant(
        "a ZIP takes what its reader may not see",
        (Edit(TAKEN, "Job.objects.visible_to(request.user).takes()", "Job.objects.takes()"),),
        (f"{ZIPS}::test_nobody_takes_away_what_they_may_not_see",),
    ),
    Mutant(
        "what a socket has taken of a ZIP is sent to it again",
        (Edit(PACKED, "self._held[skipped:]]", "self._held]"),),
        (f"{ZIPS}::test_it_is_read_as_a_socket_takes_it_in_a_little_and_again_from_there",),
    ),
    # ── kie.ai's unified API, the market ─────────────────────────────────────────────────────────
    Mutant(
        "market: an order is asked again until it is answered",
        (
            Edit(
                KIE,
                'self._http.send_once(self._jobs("createTask"), key, body)',
                'self._http.ask("POST", self._jobs("createTask"), key, payload=body)',
            ),
        ),
        (f"{EVERY_ORDER}::test_a_lost_answer_to_any_order_leaves_the_outcome_unknown",),
    ),
    Mutant(
        "market: a state that nobody knows is the end",
        (Edit(MARKET, "State.RUNNING if word else", "State.FAILED if word else"),),
        (f"{READS}::test_a_state_is_a_word_and_one_nobody_knows_goes_on",),
    ),
    Mutant(
        "market: a success without a film is one",
        (Edit(MARKET, "if state is State.SUCCEEDED and not results:", "if False:"),),
        (f"{READS}", "tests/providers/contract/test_asking.py"),
    ),
    Mutant(
        "market: an order without a seed carries one",
        (Edit(MARKET_ORDERS, "if model.seeds:", "if request:"),),
        (f"{READS}::test_a_model_without_a_seed_is_sent_none_and_its_length_as_a_number",),
    ),
    Mutant(
        "market: a record proves an order of another prompt",
        (
            Edit(
                PROVING,
                "return same_settings and same_seed and echo.prompt == job.prompt",
                "return same_settings and same_seed",
            ),
        ),
        (f"{WITHOUT_SEED}::test_a_lost_one_is_found_by_prompt_and_settings",),
    ),
    Mutant(
        "market: a record with a seed proves an order without one",
        (Edit(PROVING, "if job.has_seed else echo.seed is None", "if job.has_seed else True"),),
        (f"{WITHOUT_SEED}::test_a_lost_one_is_found_by_prompt_and_settings",),
    ),
    Mutant(
        "market: a record proves an order of another size, length or model",
        (
            Edit(
                PROVING,
                "all(said is None or said == ordered for said, ordered in settings)",
                "bool(settings)",
            ),
        ),
        (f"{BY_SEED}::test_a_record_of_another_order_proves_nothing",),
    ),
    Mutant(
        "market: one film is given to two orders that are alike",
        (Edit(PROVING, "if others.exists():\n        return False", "others.exists()"),),
        (
            f"{WITHOUT_SEED}::test_of_lost_twins_no_film_is_given_to_both",
            "tests/lifecycle/outcome/test_resolving.py::test_the_id_of_another_job_is_refused_with_the_reason",
        ),
    ),
    Mutant(
        "market: what was charged counts as if our price were the provider's",
        (
            Edit(
                CHARGES,
                "return job.quote * provider_charge / estimated if estimated else provider_charge",
                "return provider_charge",
            ),
        ),
        (f"{BY_SEED}::test_a_price_of_our_own_is_what_is_charged",),
    ),
    Mutant(
        "market: a part of a credit is given away",
        (Edit(PRICE_CHANGES, "math.ceil(rate * seconds)", "int(rate * seconds)"),),
        (f"{WITHOUT_SEED}::test_an_admin_prices_all_lengths_of_a_size_at_once",),
    ),
    Mutant(
        "market: an image that is gone withdraws a model",
        (Edit(ENVELOPE, "and not self.says(_OTHERS_GONE)", ""),),
        (f"{GONE}::test_other_words_withdraw_nothing",),
    ),
    Mutant(
        "market: an order of a withdrawn model that waits is sent",
        (Edit(CLAIMS, 'if not getattr(job, "is_withdrawn", False) or', "if job or"),),
        (f"{GONE}::test_what_waits_to_be_sent_fails_uncharged",),
    ),
    Mutant(
        "market: a published price that is no number is a price",
        (Edit(PUBLISHED, "or not 0 < credits <= CREDITS_MAX", "or credits > CREDITS_MAX"),),
        (f"{LISTED}::test_a_row_that_makes_no_sense_is_counted_and_hides_no_other",),
    ),
    Mutant(
        "market: a published price of a sister model is taken for ours",
        (Edit(PUBLISHED, "found := words.fullmatch(name)", "found := words.match(name)"),),
        (f"{LISTED}::test_a_name_that_is_nearly_ours_is_not",),
    ),
    Mutant(
        "market: a published price that has changed meanwhile is taken over",
        (Edit(COMPARING, "line.row.pk == row_id and line.differs", "line.differs"),),
        (f"{FEEDS}::test_what_has_changed_meanwhile_is_not_taken_over",),
    ),
    # ── A film that words change ─────────────────────────────────────────────────────────────────
    Mutant(
        "changed film: it goes among the pictures",
        (Edit(UPLOADING, "urls[use.image.is_film]", "urls[False]"),),
        (f"{CHANGES}::test_the_film_is_handed_over_and_named_with_its_span",),
    ),
    Mutant(
        "changed film: one that was deleted is ordered",
        (Edit(CONDITIONS, "if not all(image.kept_as for image in found.values()):", "if False:"),),
        (f"{CHANGES}::test_a_film_in_the_trash_is_not_ordered",),
    ),
    Mutant(
        "changed film: it costs what pictures do",
        (Edit(PRICES, "Mode.VIDEO: Price.Mode.VIDEO", "Mode.VIDEO: Price.Mode.IMAGE"),),
        (f"{CHANGES}::test_changing_a_film_has_a_price_of_its_own",),
    ),
    Mutant(
        "changed film: a length that nobody ordered proves that it is another's",
        (Edit(PROVING, "echo.duration if job.duration else None", "echo.duration"),),
        (f"{CHANGES}::test_a_lost_order_is_found_by_what_its_record_repeats_and_never_sent_twice",),
    ),
    Mutant(
        "changed film: anybody's video can be",
        (
            Edit(
                INTAKE,
                "stored = Rendition.objects.visible_to(user).filter(",
                "stored = Rendition.objects.filter(",
            ),
        ),
        (f"{CHANGING}::test_a_colleagues_video_of_a_project_may_be_changed_and_no_other",),
    ),
)
