"""What the main job made, for a person at a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tutor_project.stack.main_job import MainJobResult
from tutor_project.stack.main_job import Progress as ReportProgress

MAX_CONCEPTS = 8
MAX_TERMS = 5
MAX_QUOTE_CHARACTERS = 160
_MARKS = {True: "[green]right[/]", False: "[red]wrong[/]", None: "[yellow]a person will look[/]"}


@contextmanager
def step(console: Console, what: str) -> Iterator[Callable[[str], None]]:
    """Say what begins, and at its end how long it took; yields a way to say what it is doing meanwhile."""
    began = time.monotonic()
    if console.is_terminal:
        with console.status(f"{what} …") as status:
            yield lambda detail: status.update(f"{what}: {detail} …")
    else:
        console.print(f"- {what} …", highlight=False)
        yield lambda detail: console.print(f"  {detail} …", highlight=False)
    console.print(f"[green]✓[/] {what} [dim]({time.monotonic() - began:.1f} s)[/]", highlight=False)


@contextmanager
def progress_bar(console: Console) -> Iterator[ReportProgress]:
    """A bar that follows the main job; on a pipe, one line for each new step."""
    if not console.is_terminal:
        seen: set[str] = set()

        def say(what: str, percent: float) -> None:
            if what not in seen:
                seen.add(what)
                console.print(f"  {what} …", style="dim", highlight=False)

        yield say
        return
    columns = (
        TextColumn("  {task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=100)
        yield lambda what, percent: bar.update(task, description=escape(what), completed=percent)


def print_result(console: Console, result: MainJobResult) -> None:
    """Analysis, plan, lesson, quiz with feedback and citations, and how long each took."""
    _print_analysis(console, result.analysis)
    _print_plan(console, result.plan)
    _print_lesson(console, result.lesson)
    _print_quiz(console, result)
    laps = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in result.seconds.items())
    console.print(f"\n[green]✓[/] {result.citations_checked} citations compared with the stored text: all equal")
    console.print(f"[dim]{escape(laps)}[/]", highlight=False)


def _heading(console: Console, title: str) -> None:
    console.print(f"\n[bold]{escape(title)}[/]")


def _print_analysis(console: Console, analysis: Any) -> None:
    difficulty = analysis.get("difficulty") or {}
    _heading(console, "Analysis")
    console.print(f"  difficulty {difficulty.get('level')} (school grade {difficulty.get('grade')})", highlight=False)
    concepts = analysis["concepts"]
    for concept in concepts[:MAX_CONCEPTS]:
        evidence = concept["evidence"][0] if concept["evidence"] else None
        console.print(f"  [cyan]{escape(concept['name'])}[/] {_quote(evidence)}", highlight=False)
    _more(console, len(concepts) - MAX_CONCEPTS, "concepts")
    if analysis["terms"]:
        _heading(console, "Key terms")
    for term in analysis["terms"][:MAX_TERMS]:
        console.print(f"  [cyan]{escape(term['term'])}[/]: {escape(term['definition'])}", highlight=False)
    _more(console, len(analysis["terms"]) - MAX_TERMS, "terms")


def _print_plan(console: Console, plan: Any) -> None:
    _heading(console, f"Plan: {plan['topic']}")
    console.print(f"  {escape(str(plan['learning_goal']))}", highlight=False)
    for section in plan["sections"]:
        console.print(f"  - {escape(_title(section))}", highlight=False)


def _print_lesson(console: Console, lesson: Any) -> None:
    sections = (lesson or {}).get("sections") or []
    _heading(console, f"Lesson: {lesson['title']} ({len(sections)} sections)" if lesson else "Lesson")
    for section in sections[:2]:
        console.print(f"  [cyan]{escape(section['title'])}[/]  {escape(_short(section['text'], 300))}", highlight=False)
    _more(console, len(sections) - 2, "sections")


def _print_quiz(console: Console, result: MainJobResult) -> None:
    graded = result.graded
    _heading(console, f"Quiz: {result.quiz['title']}")
    for item in graded["feedback_items"]:
        mark = _MARKS[item["is_correct"]]
        console.print(f"\n  {item['question_index'] + 1}. {escape(item['question_text'])}", highlight=False)
        console.print(f"     answered {escape(_option(item['user_selected_option']))}: {mark}", highlight=False)
        if item["is_correct"] is not True:
            console.print(f"     the answer is {escape(_option(item['correct_option']))}", highlight=False)
        console.print(f"     {_quote(item['citation'])}", highlight=False)
    console.print(
        f"\n  {graded['correct_answers']} of {graded['total_questions']} right ({graded['score_percentage']:.0f} %). "
        f"{escape(str(graded['overall_feedback']))}",
        highlight=False,
    )


def _quote(citation: Any) -> str:
    if not citation:
        return ""
    page = f"p. {citation['page_start']}" if citation.get("page_start") else "no page"
    where = f"{citation['filename']}, {page}, {citation['char_start']}-{citation['char_end']}"
    return f"[dim]“{escape(_short(citation['text'], MAX_QUOTE_CHARACTERS))}” ({escape(where)})[/]"


def _option(option: Any) -> str:
    if isinstance(option, dict):
        option = option.get("text")
    return "nothing" if option is None else f"“{option}”"


def _title(section: Any) -> str:
    return str(section.get("title") or section.get("name") or section) if isinstance(section, dict) else str(section)


def _short(text: str, limit: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"


def _more(console: Console, count: int, what: str) -> None:
    if count > 0:
        console.print(f"  [dim]and {count} more {what}[/]", highlight=False)
