"""The pages of the review queue: what waits, a question beside its evidence, a doubtful answer, a regrade."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from sessions_app.admin.forms import QuestionForm
from sessions_app.domain.questions.types import DifficultyLevel, QuestionKind, key_from_dict, key_text
from sessions_app.models import AnswerRecord, Question, QuestionRevision
from sessions_app.selectors.console import QUEUE_STATES, family_sizes
from sessions_app.services.bank import candidate_of
from sessions_app.services.regrading import question_regrade, regrade_undo
from sessions_app.services.review_queue import (
    answer_decide,
    answers_waiting,
    evidence_shown,
    question_approve,
    question_edit,
    question_quarantine,
    question_reject,
    questions_waiting,
)
from tutor_project.common.console.audit import action_record
from tutor_project.common.errors import DomainError

PAGE = 25
FILTERS = {"state": list(QUEUE_STATES), "kind": list(QuestionKind), "difficulty": list(DifficultyLevel)}
DECISIONS: dict[str, Callable[..., Question]] = {
    "approve": question_approve,
    "reject": question_reject,
    "quarantine": question_quarantine,
}
DECIDED = {"approve": "approved", "reject": "rejected", "quarantine": "quarantined"}
QUESTION, ANSWER = "sessions_app.change_question", "sessions_app.change_answerrecord"


def _ensure(request: Any, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _page(request: Any, template: str, title: str, **context: Any) -> TemplateResponse:
    request.current_app = admin.site.name
    shared = {**admin.site.each_context(request), "title": title, "may": request.user.has_perm(QUESTION)}
    return TemplateResponse(request, f"admin/{template}", {**shared, **context})


@csrf_protect
@require_http_methods(["GET", "POST"])
def queue_view(request: Any) -> HttpResponse:
    """List the questions and answers that wait; decide several questions at once."""
    _ensure(request, "sessions_app.view_question")
    refused: set[str] = set()
    if request.method == "POST":
        _ensure(request, QUESTION)
        refused = _decide_all(request)
        if not refused:
            return HttpResponseRedirect(request.get_full_path())
    chosen = {name: request.GET.get(name, "") for name in FILTERS}
    wanted = questions_waiting().filter(**{name: value for name, value in chosen.items() if value})
    questions = list(wanted[:PAGE])
    alike = family_sizes(questions)
    return _page(
        request,
        "review_queue.html",
        "Review queue",
        questions=[
            {
                "question": question,
                "answer": candidate_of(question).key_text,
                "alike": alike[question.fingerprint] - 1,
                "ticked": str(question.pk) in refused,
            }
            for question in questions
        ],
        reason=request.POST.get("reason", ""),
        answers=answers_waiting()[:PAGE],
        page=PAGE,
        filters=[(name, choices, chosen[name]) for name, choices in FILTERS.items()],
    )


def _decide_all(request: Any) -> set[str]:
    """Take one decision on every ticked question, each at the version that was shown; refusals are named, and their ids returned."""
    service = DECISIONS.get(request.POST.get("decision", ""))
    if service is None:
        raise Http404
    decision, reason = request.POST["decision"], request.POST.get("reason", "")
    done, refused = 0, {}
    for ticked in request.POST.getlist("question")[:PAGE]:
        question_id, _, version = ticked.partition(":")
        try:
            changed = service(
                question_id=UUID(question_id), expected_version=int(version), user=request.user, reason=reason
            )
        except ValueError as error:
            raise Http404 from error
        except DomainError as error:
            refused[question_id] = error.message
            continue
        action_record(user=request.user, target=changed, message=f"Review: {decision}. {reason}".strip())
        done += 1
    if done:
        messages.success(request, f"{done} question{'s' if done > 1 else ''} {DECIDED[decision]}.")
    if refused:
        messages.error(request, f"{len(refused)} left as they were. {' '.join(dict.fromkeys(refused.values()))}")
    if not done and not refused:
        messages.error(request, "Nothing was ticked.")
    return set(refused)


def _question(question_id: UUID) -> Question:
    question = Question.objects.select_related("session", "owner").filter(pk=question_id).first()
    if question is None:
        raise Http404
    return question


@csrf_protect
@require_http_methods(["GET", "POST"])
def question_view(request: Any, question_id: UUID) -> HttpResponse:
    """Show a question beside its evidence; approve, edit, reject or quarantine it."""
    _ensure(request, "sessions_app.view_question")
    question = _question(question_id)
    form = QuestionForm(question)
    if request.method == "POST":
        _ensure(request, QUESTION)
        form = QuestionForm(question, request.POST) if request.POST.get("decision") == "edit" else form
        if (done := _decide(request, question, form)) is not None:
            return done
    revisions = QuestionRevision.objects.filter(question=question).select_related("changed_by")[:50]
    return _page(
        request,
        "review_question.html",
        "Review a question",
        question=question,
        form=form,
        evidence=evidence_shown(question=question),
        answer=candidate_of(question).key_text,
        key_id=question.key.get("option_id") or str(question.key.get("value", "")).lower(),
        revisions=revisions,
        waiting=question.state in ("quarantined", "draft", "verified"),
        key_changed=any("key" in revision.after for revision in revisions),
    )


def _decide(request: Any, question: Question, form: QuestionForm) -> HttpResponse | None:
    decision, reason = request.POST.get("decision", ""), request.POST.get("reason", "")
    seen = request.POST.get("version", "")
    version = int(seen) if seen.isascii() and seen.isdigit() else 0
    shared = {"question_id": question.pk, "expected_version": version, "user": request.user, "reason": reason}
    try:
        if decision == "edit":
            if not form.is_valid():
                messages.error(request, "Nothing was changed. The fields marked below need a look.")
                return None
            changed = question_edit(**shared, changes=form.changes())
        elif decision in DECISIONS:
            changed = DECISIONS[decision](**shared)
        else:
            raise Http404
    except DomainError as error:
        messages.error(request, error.message)
        return None
    action_record(user=request.user, target=changed, message=f"Review: {decision}. {reason}".strip())
    messages.success(request, f"The question is {changed.state} now (version {changed.version}).")
    page = "admin:review_question" if decision == "edit" else "admin:review_queue"
    return HttpResponseRedirect(reverse(page, args=[question.pk] if decision == "edit" else []))


@csrf_protect
@require_http_methods(["GET", "POST"])
def regrade_view(request: Any, question_id: UUID) -> HttpResponse:
    """Show whose score changes under the present key; apply or undo it."""
    _ensure(request, QUESTION)
    question = _question(question_id)
    here = reverse("admin:review_regrade", args=[question.pk])
    if request.method == "POST":
        reason = request.POST.get("reason", "")
        try:
            if request.POST.get("decision") == "undo":
                text = f"{regrade_undo(question_id=question.pk, user=request.user, reason=reason)} grades given back."
            else:
                done = question_regrade(question_id=question.pk, user=request.user, apply=True, reason=reason)
                text = f"{len(done.changes)} grades changed."
        except DomainError as error:
            messages.error(request, error.message)
            return HttpResponseRedirect(here)
        action_record(user=request.user, target=question, message=f"Regrade: {text}")
        messages.success(request, text)
        return HttpResponseRedirect(here)
    regrade = question_regrade(question_id=question.pk, user=request.user)
    steps = QuestionRevision.objects.filter(question=question, action__in=["regrade", "undo_regrade"])
    latest = steps.order_by("-version").first()
    return _page(
        request,
        "review_regrade.html",
        "Regrade",
        question=question,
        answer=key_text(key_from_dict(question.key), candidate_of(question).options),
        regrade=regrade,
        undoable=latest is not None and latest.action == "regrade",
    )


@csrf_protect
@require_http_methods(["GET", "POST"])
def answer_view(request: Any, answer_id: UUID) -> HttpResponse:
    """Show a doubtful answer with the key and the evidence; decide it."""
    _ensure(request, "sessions_app.view_answerrecord")
    answer = AnswerRecord.objects.select_related("question", "owner", "session").filter(pk=answer_id).first()
    if answer is None:
        raise Http404
    if request.method == "POST":
        _ensure(request, ANSWER)
        verdict = request.POST.get("verdict", "")
        shares = {"correct": 1.0, "half": 0.5, "incorrect": 0.0}
        if verdict not in shares:
            raise Http404
        try:
            decided = answer_decide(
                answer_id=answer.pk,
                correct=verdict == "correct",
                credit=shares[verdict],
                user=request.user,
                note=request.POST.get("note", ""),
            )
        except DomainError as error:
            messages.error(request, error.message)
        else:
            action_record(user=request.user, target=decided, message=f"Decided: {decided.verdict}.")
            messages.success(request, f"Decided: {decided.verdict}. The score and the mastery follow.")
        return HttpResponseRedirect(reverse("admin:review_queue"))
    return _page(
        request,
        "review_answer.html",
        "Decide an answer",
        answer=answer,
        question=answer.question,
        key=candidate_of(answer.question).key_text,
        evidence=evidence_shown(question=answer.question),
        may=request.user.has_perm(ANSWER),
        waiting=answer.verdict == AnswerRecord.Verdict.NEEDS_REVIEW,
    )
