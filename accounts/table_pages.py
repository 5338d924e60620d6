"""The pages "Teams and roles" of the set-up: a tab a table, each edited in place; the tabs are shared with rooms above."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.core.validators import RegexValidator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import table_services as services
from accounts.tables import TABLES, CodeTable, code_rows
from core.errors import DomainError
from users.permissions import Permission
from users.requests import SignedIn, permission_required

_CODE = RegexValidator(r"^[a-z0-9][a-z0-9_-]*$", gettext_lazy("Small letters, digits, - and _ only."))


def code_field() -> forms.CharField:
    """The code by which files and addresses name a row of an administrator's table."""
    return forms.CharField(
        label=gettext_lazy("Code"),
        max_length=40,
        validators=[_CODE],
        help_text=gettext_lazy("Short and lasting, as in files: it can’t be changed."),
    )


class CodeForm(forms.Form):
    """A row of a table of codes; its flags are those of the table."""

    code = code_field()
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)

    def __init__(self, *args: Any, table: CodeTable, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_new:
            del self.fields["code"]
        for flag in table.flags:
            label = str(table.model._meta.get_field(flag).verbose_name)  # type: ignore[union-attr]  # flags are columns
            self.fields[flag] = forms.BooleanField(label=label[:1].upper() + label[1:], required=False)


def set_up_tabs(current: str) -> dict[str, Any]:
    """The tabs over the pages of teams' set-up; `current` is a table's name, or `policies`."""
    found = [(table.label, reverse("setup:table", args=[name]), name == current) for name, table in TABLES.items()]
    try:
        found.append((gettext_lazy("Coverage policies"), reverse("policies:grid"), current == "policies"))
    except NoReverseMatch:
        pass  # the room of coverage is not there
    here = next((label for label, _url, is_current in found if is_current), "")
    trail = [(_("Teams and roles"), reverse("setup:table", args=["roles"])), (here, "")]
    return {"tabs": found, "tabs_label": _("Set-up of teams"), "trail": trail}


@permission_required(Permission.CONFIGURE_TEAMS)
@require_http_methods(("GET", "HEAD", "POST"))
def table(request: SignedIn, name: str) -> HttpResponse:
    """One table of teams' set-up."""
    found = TABLES.get(name)
    if found is None:
        raise Http404
    return code_table(request, found, address=reverse("setup:table", args=[name]), frame=set_up_tabs(name))


def code_table(request: SignedIn, found: CodeTable, *, address: str, frame: dict[str, Any]) -> HttpResponse:
    """A table at its `address`: rows with where they are used, each renamed, moved and deleted in place; one more at the foot.

    `frame` is what stands around it: tabs and trail. The caller has asked for the table's permission.
    """
    do, code = request.POST.get("do", ""), request.POST.get("row", "")
    form = _form(request, found, do)
    if request.method == "POST":
        try:
            if _carry_out(request, found, do, code, form):
                return redirect(address)
        except ObjectDoesNotExist as error:
            raise Http404 from error
        except DomainError as error:
            if error.field is None or error.field not in form.fields:
                messages.error(request, error.message)
                return redirect(address)
            form.add_error(error.field, error.message)
    add = form if do == "add" else CodeForm(table=found, is_new=True, auto_id="add-%s")
    context = {**frame, "table": found, "rows": code_rows(found), "add": add, "bound": form, "did": code}
    return render(request, "accounts/code_table.html", context, status=422 if form.errors else 200)


def _form(request: SignedIn, table: CodeTable, do: str) -> CodeForm:
    is_new = do != "rename"
    data = request.POST if do in ("add", "rename") else None
    return CodeForm(data, table=table, is_new=is_new, auto_id="add-%s" if is_new else "rename-%s")


def _carry_out(request: SignedIn, table: CodeTable, do: str, code: str, form: CodeForm) -> bool:
    """Whether something was done; else the form says what is missing."""
    if do in ("up", "down"):
        services.move_code(table, code=code, is_up=do == "up", by=request.user)
        return True
    if do == "delete":
        services.delete_code(table, code=code, by=request.user)
        messages.success(request, _("It is deleted."))
        return True
    if do not in ("add", "rename") or not form.is_valid():
        return False
    given = form.cleaned_data
    flags = {flag: given[flag] for flag in table.flags}
    if do == "add":
        services.add_code(table, code=given["code"], name=given["name"], flags=flags, by=request.user)
    else:
        services.rename_code(table, code=code, name=given["name"], flags=flags, by=request.user)
    messages.success(request, _("%(name)s is saved.") % {"name": given["name"]})
    return True
