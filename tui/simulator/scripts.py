"""What happens in each scenario, as the contract allows it; waits are in seconds."""

from __future__ import annotations

from typing import Any

from tui.simulator.account import (
    APNS,
    CODE,
    COMMENT,
    DEPLOY,
    DEVELOPMENT,
    EDITORS,
    FCM,
    FEED,
    HTTP,
    INVOICE,
    MAIL_WORKFLOWS,
    NEWS,
    ORDER,
    PEOPLE,
    POSTMARK,
    PRODUCTION,
    SENDGRID,
    SIGN_IN,
    SLACK,
    SMTP,
    TWILIO,
    WORKFLOWS,
    Person,
    Workflow,
)
from tui.simulator.message import QUEUED
from tui.simulator.notation import token, uuid
from tui.simulator.resources import (
    Branch,
    LayoutResource,
    PartialResource,
    Promotion,
    Resource,
    SourceActionResource,
    TranslationResource,
    WorkflowResource,
)
from tui.simulator.run import PAUSED, RESUMED
from tui.simulator.stage import Course, Stage
from tui.simulator.trigger import Trigger, project

MAX_ATTEMPTS = 8

_EXHAUSTED = (
    "The provider answered 503 Service Unavailable",
    "Connection timed out after 10000 ms",
    "The provider answered 429 Too Many Requests: limit of 600 a minute",
    "The message could not be delivered to the provider.",
)
_FATAL = (
    "The from address does not match a verified sender identity",
    "Recipient has no email address",
    "Template rendering failed: undefined variable order.total at line 12",
    None,
)
_BOUNCES = (
    "550 5.1.1 <{email}>: Recipient address rejected: User unknown",
    "552 5.2.2 <{email}>: Mailbox full",
    "554 5.7.1 Message rejected: content looks like spam",
    "550 5.4.1 Empfängeradresse abgelehnt: Zugriff verweigert",
)
_DEAD_TOKEN = {FCM: "UNREGISTERED: Requested entity was not found.", APNS: "410 Unregistered"}
_INTERACTIONS: tuple[dict[str, Any] | None, ...] = (
    {"status": "approved"},
    {"action": "#approve"},
    {"nps_score": 8},
    {"button": "primary", "nps_score": 10, "source": "feed"},
    None,
)


def happy_email(stage: Stage) -> None:
    """An email is sent, delivered, opened and clicked."""
    trigger = Trigger(stage, stage.rng.choice(MAIL_WORKFLOWS))
    mail = trigger.message(stage.rng.choice((SENDGRID, POSTMARK)), _person(stage), stage.start)
    _arrive(mail)
    mail.wait(20, 3_600).tell("message.read")
    mail.wait(2, 60).tell("message.link_clicked", _click(trigger.workflow))
    if stage.rng.random() < 0.3:
        mail.wait(60, 7_200).tell("message.read")


def office_email(stage: Stage) -> None:
    """An email through a provider that reports no deliveries stays `sent`, and is opened all the same."""
    mail = Trigger(stage, INVOICE).message(SMTP, _person(stage), stage.start)
    mail.wait(0.2, 1.5).tell("message.sent")
    mail.wait(60, 7_200).tell("message.read")


def sms(stage: Stage) -> None:
    """A text message is sent and delivered; a click also counts as read."""
    trigger = Trigger(stage, stage.rng.choice((CODE, ORDER)))
    text = trigger.message(TWILIO, _person(stage), stage.start)
    _arrive(text)
    if stage.rng.random() < 0.5:
        text.wait(10, 300).tell("message.link_clicked", _click(trigger.workflow))


def chat(stage: Stage) -> None:
    """A chat message to a project's channel ends at `sent`; a link in it may be clicked."""
    trigger = Trigger(stage, DEPLOY, _people(stage, 1))
    note = trigger.message(SLACK, project(stage), stage.start).wait(0.2, 1.2).tell("message.sent")
    if stage.rng.random() < 0.5:
        note.wait(5, 900).tell("message.link_clicked", _click(trigger.workflow))


def push(stage: Stage) -> None:
    """A push message ends at `sent`: Knock tracks no delivery on push."""
    trigger = Trigger(stage, stage.rng.choice((COMMENT, ORDER, SIGN_IN)))
    trigger.message(stage.rng.choice((FCM, APNS)), _person(stage), stage.start).wait(0.1, 0.9).tell("message.sent")


def partner_hook(stage: Stage) -> None:
    """A message by HTTP is delivered on the partner's 2xx, perhaps at the second attempt."""
    hook = Trigger(stage, ORDER).message(HTTP, project(stage), stage.start).wait(0.1, 0.6)
    if stage.rng.random() < 0.3:
        _attempt(hook, 1, retryable=True)
        _requeue(hook, 1)
    hook.tell("message.delivered")


def feed(stage: Stage) -> None:
    """An in-app item is seen, read, acted on and archived, and most of it is undone on the way."""
    author, reader = _people(stage, 2)
    trigger = Trigger(stage, COMMENT, [author])
    item = trigger.message(FEED, reader, stage.start).wait(0.05, 0.4).tell("message.delivered")
    item.wait(3, 600).tell("message.seen")
    item.wait(1, 20).tell("message.unseen").wait(2, 60).tell("message.seen")
    item.wait(2, 120).tell("message.read").wait(1, 30).tell("message.unread").wait(5, 300).tell("message.read")
    item.wait(1, 10).tell("message.interacted", _event_data(stage.rng.choice(_INTERACTIONS)))
    if stage.rng.random() < 0.5:
        item.wait(0.5, 4).tell("message.link_clicked", _click(trigger.workflow))
    item.wait(5, 900).tell("message.archived").wait(2, 20).tell("message.unarchived")
    if stage.rng.random() < 0.5:
        item.wait(5, 300).tell("message.archived")


def retry_storm(stage: Stage) -> None:
    """A provider is down: some messages get through later, one runs out of attempts, one is refused."""
    trigger = Trigger(stage, stage.rng.choice(MAIL_WORKFLOWS))
    failures_of_each = [*(stage.rng.randint(1, 4) for _ in range(3)), MAX_ATTEMPTS]
    for failures, person in zip(failures_of_each, _people(stage, 4), strict=True):
        mail = _queued(stage, trigger, person)
        for attempt in range(1, failures):
            _attempt(mail.wait(0.3, 2), attempt, retryable=True)
            _requeue(mail, attempt)
        _attempt(mail.wait(0.3, 2), failures, retryable=failures < MAX_ATTEMPTS)
        if failures == MAX_ATTEMPTS:
            _give_up(mail, "retries_exhausted", stage.rng.choice(_EXHAUSTED))
        else:
            _requeue(mail, failures)
            _arrive(mail)
    _refused(_queued(stage, trigger, _person(stage)))


def manual_retry(stage: Stage) -> None:
    """A message fails for good, somebody retries it from the dashboard, and it arrives."""
    mail = Trigger(stage, INVOICE).message(POSTMARK, _person(stage), stage.start)
    _refused(mail)
    mail.wait(120, 900).change(QUEUED)
    _arrive(mail)


def bounce(stage: Stage) -> None:
    """An email bounces after the provider took it."""
    trigger = Trigger(stage, stage.rng.choice(MAIL_WORKFLOWS))
    person = _person(stage)
    _bounce(trigger.message(stage.rng.choice((SENDGRID, POSTMARK)), person, stage.start), person)


def bounce_wave(stage: Stage) -> None:
    """A broadcast to an old list: most of it bounces, and somebody complains."""
    trigger = Trigger(stage, NEWS, kind="broadcast")
    people = _people(stage, stage.rng.randint(8, 12))
    for number, person in enumerate(people):
        mail = trigger.message(SENDGRID, person, stage.start + stage.delay(0.1, 20))
        if number < 2:
            _arrive(mail)
        else:
            _bounce(mail, person)
        if number == 0:
            _complain(mail, person)


def complaint(stage: Stage) -> None:
    """A delivered email is reported as spam; its status stays as it is."""
    person = _person(stage)
    mail = Trigger(stage, NEWS, kind="broadcast").message(POSTMARK, person, stage.start)
    _arrive(mail)
    _complain(mail, person)


def push_dead_token(stage: Stage) -> None:
    """A device's token is dead and stays in use: each push to it bounces, while another device gets its own."""
    person, other = _people(stage, 2)
    channel = stage.rng.choice((FCM, APNS))
    dead = token(stage.rng, 40)
    at = stage.start
    for _ in range(stage.rng.randint(2, 3)):
        lost = Trigger(stage, COMMENT, [other]).message(channel, person, at).wait(0.2, 1.5)
        lost.tell(
            "message.bounced",
            _event_data({"failure_details": _DEAD_TOKEN[channel], "failure_reason": "fatal_error", "token": dead}),
        )
        at = lost.at + stage.delay(60, 600)
    Trigger(stage, COMMENT, [person]).message(channel, other, at).wait(0.1, 0.9).tell("message.sent")


def digest(stage: Stage) -> None:
    """Several comments within minutes become one message with several actors; each has a run of its own."""
    reader, *authors = _people(stage, stage.rng.randint(4, 7))
    first = Trigger(stage, COMMENT, authors)
    origin = first.origin()
    run = first.run(reader, stage.start, origin).wait(0.05, 0.3).tell("workflow_recipient_run.started")
    run.wait(0.05, 0.2).change(PAUSED)
    at = run.at
    for author in authors[1:]:
        at += stage.delay(5, 60)
        joined = Trigger(stage, COMMENT, [author])
        batched = joined.run(reader, at, joined.origin()).wait(0.05, 0.3).tell("workflow_recipient_run.started")
        batched.wait(0.1, 0.5).tell("workflow_recipient_run.completed")
    run.at = at
    run.wait(30, 120).change(RESUMED)
    item = first.message(FEED, reader, run.at + stage.delay(0.05, 0.2), origin).wait(0.05, 0.4)
    item.tell("message.delivered")
    mail = first.message(SENDGRID, reader, run.at + stage.delay(0.05, 0.2), origin)
    run.wait(0.5, 1.5).tell("workflow_recipient_run.completed")
    _arrive(mail)
    item.wait(5, 300).tell("message.seen").wait(2, 60).tell("message.read")


def runs(stage: Stage) -> None:
    """One trigger for three people: a feed item each, an email after a delay, and one run with an error in it."""
    actor, *people = _people(stage, 4)
    trigger = Trigger(stage, stage.rng.choice((COMMENT, INVOICE)), [actor])
    for number, person in enumerate(people):
        origin = trigger.origin()
        run = trigger.run(person, stage.start + stage.delay(0.05, 0.5), origin).wait(0.05, 0.4)
        run.tell("workflow_recipient_run.started")
        item = trigger.message(FEED, person, run.at + stage.delay(0.05, 0.3), origin).wait(0.05, 0.4)
        item.tell("message.delivered")
        run.wait(1, 2).change(PAUSED).wait(300, 700).change(RESUMED)
        mail = trigger.message(SENDGRID, person, run.at + stage.delay(0.05, 0.2), origin)
        if number == 0:
            _refused(mail)
            run.at = mail.at
            run.wait(0.1, 0.5).tell("workflow_recipient_run.error")
        else:
            _arrive(mail)
            item.wait(30, 900).tell("message.seen")
        run.wait(0.5, 2).tell("workflow_recipient_run.completed")


def broadcast(stage: Stage) -> None:
    """A broadcast goes to a handful of people; some open it, some click."""
    trigger = Trigger(stage, NEWS, kind="broadcast")
    for person in _people(stage, stage.rng.randint(4, 6)):
        origin = trigger.origin()
        run = trigger.run(person, stage.start + stage.delay(0.05, 1), origin).wait(0.05, 0.4)
        run.tell("workflow_recipient_run.started")
        mail = trigger.message(SENDGRID, person, run.at + stage.delay(0.05, 0.3), origin)
        _arrive(mail)
        run.wait(0.5, 2).tell("workflow_recipient_run.completed")
        if stage.rng.random() < 0.5:
            mail.wait(60, 3_600).tell("message.read")
        if stage.rng.random() < 0.3:
            mail.wait(2, 60).tell("message.link_clicked", _click(trigger.workflow))


def template_deploy(stage: Stage) -> None:
    """Templates are saved, saved again, committed, and promoted to production."""
    workflow = WorkflowResource(stage.rng, stage.start, stage.rng.choice(tuple(WORKFLOWS.values())))
    kinds = (LayoutResource, PartialResource, TranslationResource, SourceActionResource)
    resources: list[Resource] = [workflow, *(kind(stage.rng, stage.start) for kind in kinds)]
    saved = stage.start
    courses = []
    for resource in resources:
        course = stage.course(resource, saved)
        for _ in range(stage.rng.randint(1, 3)):
            course.wait(5, 60).tell(f"{resource.kind}.updated")
        saved = course.at
        courses.append(course)
    for course, resource in zip(courses, resources, strict=True):
        course.at = saved
        commit = _event_data({"commit_id": uuid(stage.rng)})
        saved = course.wait(2, 30).tell(f"{resource.kind}.committed", commit).at
    promotion = Promotion(
        stage.rng, DEVELOPMENT.slug, PRODUCTION, resources, len(resources), stage.rng.choice(EDITORS)
    )
    _promote(stage.course(promotion, saved).wait(30, 300), promotion)


def branch(stage: Stage) -> None:
    """A branch is made, rebased, merged into its parent, and deleted."""
    name = stage.rng.choice(("New onboarding", "Rechnungen 2027", "Quiet hours"))
    slug = f"{name.lower().replace(' ', '-')}-{stage.rng.randint(100, 999)}"
    actor = stage.rng.choice(EDITORS)
    work = stage.course(Branch(slug, name, actor), stage.start)
    work.tell("branch.created").wait(600, 7_200).tell("branch.rebased")
    workflow = WorkflowResource(stage.rng, work.at, stage.rng.choice(MAIL_WORKFLOWS))
    merge = Promotion(
        stage.rng,
        slug,
        DEVELOPMENT,
        [workflow, LayoutResource(stage.rng, work.at)],
        stage.rng.randint(2, 9),
        stage.rng.choice((actor, None)),
        branch=slug,
        request_source=stage.rng.choice(("dashboard", "cli", "mapi", None)),
    )
    merged = stage.course(merge, work.at).wait(60, 1_800)
    _promote(merged, merge)
    work.at = merged.at
    work.wait(1, 60).tell("branch.deleted")


def _person(stage: Stage) -> Person:
    return stage.rng.choice(PEOPLE)


def _people(stage: Stage, count: int) -> list[Person]:
    return stage.rng.sample(PEOPLE, count)


def _queued(stage: Stage, trigger: Trigger, person: Person) -> Course:
    return trigger.message(SENDGRID, person, stage.start + stage.delay(0.1, 5))


def _event_data(fields: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if fields is None else {"__typename": "EventData", **fields}


def _click(workflow: Workflow) -> dict[str, Any] | None:
    return _event_data({"url": workflow.link})


def _arrive(course: Course) -> None:
    course.wait(0.2, 1.5).tell("message.sent").wait(0.8, 6).tell("message.delivered")


def _attempt(course: Course, attempt: int, *, retryable: bool) -> None:
    fields: dict[str, Any] = {"attempt": attempt, "max_attempts": MAX_ATTEMPTS, "retryable": retryable}
    if retryable and course.stage.rng.random() < 0.15:
        del fields["retryable"]
    course.tell("message.delivery_attempted", _event_data(fields))


def _requeue(course: Course, attempt: int) -> None:
    """Wait as Knock does between attempts: twice as long each time, half an hour in all."""
    course.wait(9 * 2 ** (attempt - 1), 15 * 2 ** (attempt - 1)).change(QUEUED)


def _give_up(course: Course, reason: str, details: str | None) -> None:
    fields = {"failure_details": details, "failure_reason": reason}
    course.wait(0.05, 0.5).tell("message.undelivered", _event_data(fields))


def _refused(course: Course) -> None:
    """The provider says no in a way that no further attempt would change."""
    _attempt(course.wait(0.2, 1.5), 1, retryable=False)
    _give_up(course, "fatal_error", course.stage.rng.choice(_FATAL))


def _bounce(course: Course, person: Person) -> None:
    details = course.stage.rng.choice(_BOUNCES).format(email=person.email)
    course.wait(0.2, 1.5).tell("message.sent").wait(1, 90)
    course.tell("message.bounced", _event_data({"failure_details": details, "failure_reason": "fatal_error"}))


def _complain(course: Course, person: Person) -> None:
    """Keys differ by provider and are not published; an address and a time are what they have in common."""
    course.wait(600, 86_400)
    fields = {"email": person.email, "timestamp": int(course.at.timestamp())}
    course.tell("message.complaint", _event_data(fields))


def _promote(course: Course, promotion: Promotion) -> None:
    course.tell("commits.promoted", {"promote_group_id": promotion.promote_group_id})
