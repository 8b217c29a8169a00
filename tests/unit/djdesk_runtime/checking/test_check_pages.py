"""A project with a fault of every kind, and what the check says of each."""

from __future__ import annotations

import json
import shutil
import subprocess
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.unit.djdesk_runtime.made_bundle import (
    command,
    environment,
    listing,
    make_bundle,
    run,
    write_project,
)

SETTINGS = """
    import os
    from pathlib import Path

    print("noise by print", flush=True)
    os.write(1, b"noise by write\\n")

    BASE_DIR = Path(__file__).resolve().parents[2]
    SECRET_KEY = "x"
    INSTALLED_APPS = [
        "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes",
        "django.contrib.sessions", "django.contrib.messages", "django.contrib.staticfiles",
        "tiny.things",
    ]
    MIDDLEWARE = [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ]
    AUTH_USER_MODEL = "things.Person"
    LANGUAGE_CODE = "en"
    ROOT_URLCONF = "tiny.urls"
    TEMPLATES = [{
        "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
        "OPTIONS": {"context_processors": [
            "django.template.context_processors.request",
            "django.contrib.auth.context_processors.auth",
            "django.contrib.messages.context_processors.messages",
        ]},
    }]
    DATABASES = {"default": {
        "ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3",
    }}
    STATIC_URL = "static/"
"""
URLS = """
    import os, socket, subprocess, sys, time
    from pathlib import Path

    from django.conf import settings
    from django.conf.urls.i18n import i18n_patterns
    from django.contrib import admin
    from django.contrib.auth import logout
    from django.contrib.auth.decorators import login_required
    from django.core.mail import send_mail
    from django.http import HttpResponse, StreamingHttpResponse
    from django.shortcuts import redirect, render
    from django.urls import include, path, re_path

    def ok(request):
        return HttpResponse("fine")

    def boom(request):
        raise RuntimeError("boom")

    def endless():
        while True:
            yield b"tick"

    def waiting():
        yield b"begun"
        time.sleep(60)

    def failing():
        yield b"begun"
        raise RuntimeError("in the stream")

    async def later(request):
        return HttpResponse("later")

    def write(request):
        (settings.BASE_DIR / "written.txt").write_text("x")
        return ok(request)

    def mail(request):
        send_mail("subject", "text", "a@example.org", ["b@example.org"])
        return ok(request)

    def call(request):
        socket.create_connection(("192.0.2.1", 80), 5)

    def swallow(request):
        try:
            call(request)
        except OSError:
            return HttpResponse("try later", status=503)

    def program(request):
        subprocess.run([sys.executable, "-c", "pass"], check=True)

    def leave(request):
        logout(request)
        return ok(request)

    @login_required
    def mine(request):
        raise RuntimeError("only for those who are logged in")

    urlpatterns = [
        path("", lambda request: redirect("/home/")), path("home/", ok),
        path("boom/", boom), path("unavailable/", lambda r: HttpResponse(status=503)),
        path("exit/", lambda r: sys.exit(3)),
        path("endless/", lambda r: StreamingHttpResponse(endless())),
        path("waiting/", lambda r: StreamingHttpResponse(waiting())),
        path("failing/", lambda r: StreamingHttpResponse(failing())),
        path("later/", later), path("write/", write), path("mail/", mail), path("call/", call),
        path("swallow/", swallow), path("program/", program), path("logout/", leave),
        path("query/", lambda r: HttpResponse(r.GET["q"])), path("mine/", mine),
        path("page/", lambda r: render(r, "things/page.html")),
        path("item/<int:pk>/", boom), re_path(r"^old/(?P<x>\\\\d+)?$", ok),
        re_path(r"^plain/$", ok), re_path(r"^either/(a|b)/$", boom),
        path("space here/", ok), path("back-office/", admin.site.urls),
        path("nested/", include(([path("inner/", boom)], "nested"))),
        *i18n_patterns(path("translated/", ok)),
    ]
"""
MODELS = """
    from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
    from django.db import models

    class People(BaseUserManager):
        def create_superuser(self, email, born, password=None):
            person = self.model(email=email, born=born, is_staff=True, is_superuser=True)
            person.set_password(password)
            person.save()
            return person

    class Person(AbstractBaseUser, PermissionsMixin):
        email = models.EmailField(unique=True)
        born = models.DateField()
        is_staff = models.BooleanField(default=False)
        is_active = models.BooleanField(default=True)
        objects = People()
        USERNAME_FIELD = "email"
        REQUIRED_FIELDS = ["born"]

    class Thing(models.Model):
        name = models.CharField(max_length=20)
"""
ADMIN = """
    from django.contrib import admin
    from tiny.things.models import Thing

    @admin.register(Thing)
    class ThingAdmin(admin.ModelAdmin):
        list_display = ["name", "broken"]
        def get_changeform_initial_data(self, request):
            raise RuntimeError("no form for you")
        def broken(self, thing):
            return "x"
"""
VIEWS = """
    from django.shortcuts import render
    from django.templatetags.static import static
    from django.views.generic import TemplateView

    class Gone(TemplateView):
        template_name = "things/gone_view.html"

    def view(request):
        url = static("things/gone_picture.png")
        return render(request, "things/gone_render.html", {"there": static("things/site.css")})
"""
TEMPLATES = {
    "page.html": "{% extends 'things/base.html' %}\n{% block b %}\n{{ x.y }}{% url 'nowhere' %}"
    "{% endblock %}",
    "base.html": "{% block b %}{% endblock %}",
    "include.html": "fine\n{% include 'things/gone_include.html' %}{% include some.variable %}",
    "widget.html": "{% include 'django/forms/widgets/input.html' %}",
    "child.html": "{% extends 'things/gone_parent.html' %}",
    "static.html": "{% load static %}\n\n{% static 'things/gone.css' %}{% static variable %}"
    "{% static 'things/site.css' %}{# {% static 'comment.css' %} #}",
    "syntax.html": "fine\n{% if %}\n",
    "library.html": "{% load no_such_library %}",
}


def _migration() -> str:
    return """
        from django.db import migrations, models

        class Migration(migrations.Migration):
            initial = True
            dependencies = [("auth", "0012_alter_user_first_name_max_length")]
            operations = [
                migrations.CreateModel("Person", [
                    ("id", models.AutoField(primary_key=True)),
                    ("password", models.CharField(max_length=128)),
                    ("last_login", models.DateTimeField(blank=True, null=True)),
                    ("is_superuser", models.BooleanField(default=False)),
                    ("email", models.EmailField(unique=True)),
                    ("born", models.DateField()),
                    ("is_staff", models.BooleanField(default=False)),
                    ("is_active", models.BooleanField(default=True)),
                    ("groups", models.ManyToManyField("auth.group")),
                    ("user_permissions", models.ManyToManyField("auth.permission")),
                ]),
                migrations.CreateModel("Thing", [
                    ("id", models.AutoField(primary_key=True)),
                    ("name", models.CharField(max_length=20)),
                ]),
            ]
    """


Findings = Mapping[tuple[str, str], Mapping[str, Any]]


def _check(root: Path, *options: str) -> tuple[Findings, list[dict[str, Any]]]:
    done = run(root, "check-pages", *options)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    found = {(x["kind"], x["subject"]): x for x in lines if x["kind"] not in {"asking", "end"}}
    return found, lines


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_bundle(tmp_path_factory.mktemp("faulty") / "bundle")
    files = {
        "settings.py": SETTINGS,
        "urls.py": URLS.replace("\\\\\\\\", "\\\\"),
        "things/models.py": MODELS,
        "things/admin.py": ADMIN,
        "things/views.py": VIEWS,
        "things/migrations/0001_initial.py": _migration(),
        **{f"things/templates/things/{name}": text for name, text in TEMPLATES.items()},
    }
    write_project(root / "app" / "src" / "tiny", files)
    done = run(root, "manage", "collectstatic", "--noinput", "--verbosity", "0")
    assert done.returncode == 0, done.stderr
    return root


@pytest.fixture(scope="module")
def found(faulty: Path) -> Findings:
    before = listing(faulty)
    found, lines = _check(faulty)
    assert lines[-1]["kind"] == "end"
    assert listing(faulty) == before
    return found


def test_the_first_page_is_the_one_that_redirects_lead_to(found: Findings) -> None:
    assert found["first page", "/home/"]["outcome"] == "passed"
    assert ("first page", "/boom/") not in found


@pytest.mark.parametrize(
    "address",
    [
        *("/home/", "/later/", "/mail/", "/endless/", "/waiting/", "/plain/", "/old/", "/logout/"),
        *("/space%20here/", "/en/translated/", "/back-office/", "/back-office/things/thing/"),
    ],
)
def test_pages_that_answer(found: Findings, address: str) -> None:
    assert found["page", address]["outcome"] == "passed"


@pytest.mark.parametrize(
    ("address", "reason", "line"),
    [
        ("/boom/", "RuntimeError: boom", "raise RuntimeError("),
        ("/nested/inner/", "RuntimeError: boom", "raise RuntimeError("),
        ("/mine/", "RuntimeError: only for those", "raise RuntimeError("),
        ("/failing/", "RuntimeError: in the stream", "raise RuntimeError("),
        ("/exit/", "SystemExit: 3", "sys.exit(3)"),
        ("/write/", "PermissionError: [Errno 13]", "written.txt"),
        ("/back-office/things/thing/add/", "RuntimeError: no form", "no form for you"),
    ],
)
def test_pages_that_fail_are_told_with_file_and_line(
    faulty: Path, found: Findings, address: str, reason: str, line: str
) -> None:
    finding = found["page", address]
    assert finding["outcome"] == "warning"
    assert reason in finding["reason"]
    source = (faulty / finding["file"]).read_text(encoding="utf-8").splitlines()
    assert line in source[finding["line"] - 1]


def test_a_template_that_fails_is_told_by_its_own_line(found: Findings) -> None:
    finding = found["page", "/page/"]
    assert finding["reason"].startswith("django.urls.exceptions.NoReverseMatch: ")
    place = ("app/src/tiny/things/templates/things/page.html", 3)
    assert (finding["file"], finding["line"]) == place


def test_an_error_without_an_exception_is_one_too(found: Findings) -> None:
    assert found["page", "/unavailable/"]["outcome"] == "warning"


@pytest.mark.parametrize("address", ["/call/", "/swallow/", "/program/", "/query/"])
def test_what_the_check_itself_stands_in_the_way_of_is_no_fault(
    found: Findings, address: str
) -> None:
    assert found["page", address]["outcome"] == "skipped"
    assert found["page", address]["reason"]


def test_pages_with_arguments_are_not_asked_for(found: Findings) -> None:
    assert not [key for key in found if "item" in key[1] or "either" in key[1]]


def test_what_may_end_the_session_comes_last_and_the_login_is_renewed(faulty: Path) -> None:
    _, lines = _check(faulty)
    asked = [x["subject"] for x in lines if x["kind"] == "asking"]
    assert set(asked[-4:]) >= {"/exit/", "/logout/", "/back-office/logout/"}


@pytest.mark.parametrize(
    ("kind", "name", "file", "line"),
    [
        ("template", "things/gone_include.html", "things/templates/things/include.html", 2),
        ("template", "things/gone_parent.html", "things/templates/things/child.html", 1),
        ("template", "things/gone_view.html", "things/views.py", 7),
        ("template", "things/gone_render.html", "things/views.py", 11),
        ("template", "things/syntax.html", "things/templates/things/syntax.html", 2),
        ("template", "things/library.html", "things/templates/things/library.html", 1),
        ("static", "things/gone.css", "things/templates/things/static.html", 3),
        ("static", "things/gone_picture.png", "things/views.py", 10),
    ],
)
def test_what_sources_name_and_is_not_there(
    found: Findings, kind: str, name: str, file: str, line: int
) -> None:
    finding = found[kind, name]
    place = (f"app/src/tiny/{file}", line)
    assert (finding["outcome"], finding["file"], finding["line"]) == ("warning", *place)


def test_nothing_else_is_called_missing(found: Findings) -> None:
    assert len([key for key in found if key[0] in {"template", "static"}]) == 8


def test_large_uploads_and_a_new_database_work(found: Findings) -> None:
    assert found["upload", "a large file"]["outcome"] == "passed"
    assert found["migrate", "a new database"]["outcome"] == "passed"


def test_all_pages_together_have_a_limit(faulty: Path) -> None:
    found, lines = _check(faulty, "--pages-seconds", "0")
    assert found["page", "the other pages"]["outcome"] == "skipped"
    assert lines[-1]["kind"] == "end"


def _changed(tiny: Path, tmp_path: Path, **files: str) -> Path:
    """Return a copy of the tiny project's bundle with other files."""
    copy = tmp_path / "changed"
    shutil.copytree(tiny, copy, symlinks=True)
    for name, content in files.items():
        file = copy / "app" / "src" / "tiny" / f"{name}.py"
        file.write_text(textwrap.dedent(content), encoding="utf-8")
    return copy


_FIRST = """
    import os, sys
    from django.http import HttpResponse
    from django.shortcuts import redirect
    from django.urls import path

    urlpatterns = [path("", lambda request: {answer})]
"""


@pytest.mark.parametrize(
    ("answer", "subject", "outcome"),
    [
        ("1 / 0", "/", "failed"),
        ("HttpResponse(status=500)", "/", "failed"),
        ("sys.exit('no')", "/", "failed"),
        ("__import__('socket').create_connection(('192.0.2.1', 80))", "/", "skipped"),
        ("redirect('/')", "/", "warning"),
        ('redirect(f\'/?n={request.GET.get("n", "")}x\')', "/", "warning"),
        ("redirect('https://login.example.org/')", "/", "warning"),
        ("redirect('/elsewhere/')", "/elsewhere/", "warning"),
        ("HttpResponse(status=404)", "/", "warning"),
        ("HttpResponse(status=401)", "/", "warning"),
        ("HttpResponse(status=204)", "/", "passed"),
    ],
)
def test_what_is_said_of_the_first_page(
    bundle: Path, tmp_path: Path, answer: str, subject: str, outcome: str
) -> None:
    found, _ = _check(_changed(bundle, tmp_path, urls=_FIRST.format(answer=answer)))
    assert found["first page", subject]["outcome"] == outcome


def test_a_project_without_a_first_page_is_told_so(bundle: Path, tmp_path: Path) -> None:
    found, _ = _check(_changed(bundle, tmp_path, urls="urlpatterns = []"))
    assert found["first page", "/"]["outcome"] == "warning"


def test_an_urlconf_that_cannot_be_imported_fails_the_first_page(
    bundle: Path, tmp_path: Path
) -> None:
    found, _ = _check(_changed(bundle, tmp_path, urls="import no_such_module"))
    finding = found["first page", "/"]
    assert finding["outcome"] == "failed"
    assert (finding["file"], finding["line"]) == ("app/src/tiny/urls.py", 1)


def test_a_page_that_waits_for_ever_is_left_alone(bundle: Path, tmp_path: Path) -> None:
    urls = _FIRST.format(answer="__import__('time').sleep(60)")
    found, _ = _check(_changed(bundle, tmp_path, urls=urls), "--page-seconds", "1")
    finding = found["first page", "/"]
    assert finding["outcome"] == "warning"
    assert (finding["file"], finding["line"]) == ("app/src/tiny/urls.py", 7)


def test_a_page_that_ends_the_process_is_the_last_that_was_asked_for(
    bundle: Path, tmp_path: Path
) -> None:
    root = _changed(bundle, tmp_path, urls=_FIRST.format(answer="os._exit(7)"))
    done = run(root, "check-pages")
    assert done.returncode == 7
    last = json.loads(done.stdout.splitlines()[-1])
    assert (last["kind"], last["subject"]) == ("asking", "/")


def test_settings_that_fail_are_an_error_with_a_traceback(bundle: Path, tmp_path: Path) -> None:
    done = run(_changed(bundle, tmp_path, settings="raise RuntimeError('x')"), "check-pages")
    assert done.returncode == 4
    assert 'tiny/settings.py", line 1' in done.stderr


def test_paths_relative_to_the_projects_folder_are_found(bundle: Path, tmp_path: Path) -> None:
    """As in development, where manage.py is started there: by settings and by migrations."""
    migration = "def f(*_):\n    open('words.txt').close()\n"
    migration += "from django.db import migrations\nclass Migration(migrations.Migration):\n"
    migration += "    operations = [migrations.RunPython(f)]\n"
    root = _changed(bundle, tmp_path, **{"things/migrations/0001_initial": migration})
    (root / "app" / "words.txt").touch()
    with (root / "app/src/tiny/settings.py").open("a") as settings:
        settings.write("\nopen('words.txt').close()\n")
    found, _ = _check(root)
    assert found["migrate", "a new database"]["outcome"] == "passed"


def test_a_migration_that_fails_is_a_failure_with_its_line(bundle: Path, tmp_path: Path) -> None:
    migration = "def f(*_):\n    raise RuntimeError('no')\n"
    migration += "from django.db import migrations\nclass Migration(migrations.Migration):\n"
    migration += "    operations = [migrations.RunPython(f)]\n"
    root = _changed(bundle, tmp_path, **{"things/migrations/0001_initial": migration})
    found, _ = _check(root)
    finding = found["migrate", "a new database"]
    assert finding["outcome"] == "failed"
    assert finding["line"] == 2


def test_a_check_that_nobody_waits_for_ends(bundle: Path, tmp_path: Path) -> None:
    urls = "\ntry:\n    input()\nexcept EOFError:\n    pass\n"
    urls = textwrap.dedent(_FIRST.format(answer="__import__('time').sleep(600)")) + urls
    words = ["check-pages", "--attended", "--page-seconds", "600"]
    with subprocess.Popen(
        command(_changed(bundle, tmp_path, urls=urls), words),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(),
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        while b'"asking"' not in process.stdout.readline():
            pass
        process.stdin.close()
        assert process.wait(60) == 1
