from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once; each is checked as one file is."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        one = super().clean
        return (
            [one(file, initial) for file in data] if isinstance(data, (list, tuple)) and data else [one(data, initial)]
        )


class UploadForm(forms.Form):
    files = FilesField(  # type: ignore[assignment]  # Django takes a field off the class: it hides nothing
        label=_("Files"),
        help_text=_(
            "CSV files named as in the list beside, or workbooks (XLSX) with one sheet per file. All or nothing."
        ),
        widget=FilesInput(attrs={"accept": ".csv,.xlsx,text/csv"}),
    )

    @property
    def chosen(self) -> Sequence[UploadedFile[Any]]:
        found: Sequence[UploadedFile[Any]] = self.cleaned_data["files"]
        return found
