"""The form of a question under review: its parts as a person edits them, read back as the services take them."""

from __future__ import annotations

import json
from typing import Any

from django import forms

from sessions_app.models import Question

BOOLEANS = [("true", "True"), ("false", "False")]


class QuestionForm(forms.Form):
    """Stem, option texts, key, explanation, difficulty, points; the key's field depends on its type."""

    stem = forms.CharField(widget=forms.Textarea, max_length=4000)
    explanation = forms.CharField(widget=forms.Textarea, required=False, max_length=4000)
    difficulty = forms.ChoiceField(choices=[("easy", "easy"), ("medium", "medium"), ("hard", "hard")])
    points = forms.IntegerField(min_value=1, max_value=100)

    def __init__(self, question: Question, data: Any = None) -> None:
        super().__init__(
            data,
            initial={
                "stem": question.stem,
                "explanation": question.explanation,
                "difficulty": question.difficulty,
                "points": question.points,
            },
        )
        self.question = question
        self.key_type = question.key["type"]
        self._add_options()
        self._add_key()

    def _add_options(self) -> None:
        if self.key_type != "choice":
            return
        for option in self.question.options:
            self.fields[f"option_{option['id']}"] = forms.CharField(
                initial=option["text"], max_length=1000, label="Option"
            )

    def _add_key(self) -> None:
        key = self.question.key
        match self.key_type:
            case "choice":
                choices = [(option["id"], option["text"]) for option in self.question.options]
                self.fields["key"] = forms.ChoiceField(choices=choices, initial=key["option_id"], label="Right answer")
            case "boolean":
                shown = "true" if key["value"] else "false"
                self.fields["key"] = forms.ChoiceField(choices=BOOLEANS, initial=shown, label="Right answer")
            case "text":
                self.fields["key"] = forms.CharField(
                    widget=forms.Textarea, initial="\n".join(key["accepted"]), label="Accepted answers, one a line"
                )
            case "numeric":
                self.fields["key"] = forms.FloatField(
                    initial=key["value"], label="Right value", widget=forms.NumberInput(attrs={"step": "any"})
                )
                self.fields["tolerance"] = forms.FloatField(
                    initial=key["tolerance"], min_value=0, widget=forms.NumberInput(attrs={"step": "any"})
                )
                self.fields["unit"] = forms.CharField(initial=key["unit"], required=False, max_length=40)
            case _:
                self.fields["key"] = forms.JSONField(initial=key, label="Key")

    def _key(self) -> dict[str, Any]:
        data = self.cleaned_data
        match self.key_type:
            case "choice":
                return {"type": "choice", "option_id": data["key"]}
            case "boolean":
                return {"type": "boolean", "value": data["key"] == "true"}
            case "text":
                return {"type": "text", "accepted": [line.strip() for line in data["key"].splitlines() if line.strip()]}
            case "numeric":
                return {
                    "type": "numeric", "value": data["key"], "tolerance": data["tolerance"], "unit": data["unit"],
                }  # fmt: skip
        key: dict[str, Any] = data["key"] if isinstance(data["key"], dict) else json.loads(data["key"])
        return key

    def changes(self) -> dict[str, Any]:
        """Return what differs from the stored question."""
        wanted = {name: self.cleaned_data[name] for name in ("stem", "explanation", "difficulty", "points")}
        wanted["key"] = self._key()
        if self.key_type == "choice":
            wanted["options"] = [
                {**option, "text": self.cleaned_data[f"option_{option['id']}"]} for option in self.question.options
            ]
        return {name: value for name, value in wanted.items() if value != getattr(self.question, name)}
