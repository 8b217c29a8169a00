"""A tiny Django project of no particular kind, laid out as a bundle."""

import contextlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import distribution
from pathlib import Path

REPOSITORY = Path(__file__).parents[3]
RUNTIME = REPOSITORY / "src" / "djdesk_runtime"
DISTRIBUTIONS = ("asgiref", "django", "platformdirs", "sqlparse", "waitress", "whitenoise")
LIMIT_SECONDS = 60

TOKEN = "token-of-a-test-with-43-characters-in-it-all"
NONCE = "nonce-of-a-test"
SHELL: Mapping[str, object] = {"token": TOKEN, "nonce": NONCE}
STOP = '{"command": "stop"}'

# Where bytecode is kept for one test run, if the installed packages have none. A real bundle
# ships its own.
BYTECODE_VARIABLE = "DJDESK_TEST_BYTECODE"

MANIFEST: dict[str, object] = {
    "schema": 1,
    "app": {
        "name": "Tiny Site",
        "identifier": "org.example.tiny-site",
        "version": "1.2.3",
        "revision": "g1234567",
    },
    "target": "linux-x86_64",
    "python": {"version": "3.14.10", "provider": "test"},
    "settings_module": "tiny.settings",
    "source_roots": ["app/src"],
}

PROJECT = {
    "tiny/__init__.py": "",
    "tiny/settings.py": """
        import os
        from pathlib import Path

        print("noise by print")
        os.write(1, b"noise by write\\n")

        BASE_DIR = Path(__file__).resolve().parents[2]
        SECRET_KEY = "django-insecure-short"
        DEBUG = True
        INSTALLED_APPS = ["django.contrib.staticfiles", "tiny.things"]
        MIDDLEWARE = [
            "django.middleware.security.SecurityMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ]
        ROOT_URLCONF = "tiny.urls"
        TEMPLATES = [{
            "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
        }]
        DATABASES = {"default": {
            "ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3",
        }}
        STATIC_URL = "static/"
        MEDIA_URL = "media/"
        MEDIA_ROOT = BASE_DIR / "media"
    """,
    "tiny/urls.py": """
        import json
        import socket

        from django.conf import settings
        from django.db import connection
        from django.http import HttpResponse, JsonResponse
        from django.shortcuts import render
        from django.urls import path

        from tiny.things.models import Thing

        def home(request):
            print("noise by a view")
            Thing.objects.create(name="visit")
            return render(request, "things/home.html", {"count": Thing.objects.count()})

        def slow(request):
            Thing.objects.create(name="begun")
            with socket.create_connection(("127.0.0.1", int(request.GET["port"]))) as line:
                line.recv(1)
            Thing.objects.create(name="slow")
            return HttpResponse("done slowly")

        def facts(request):
            with connection.cursor() as cursor:
                pragmas = [
                    cursor.execute(f"PRAGMA {name}").fetchone()[0]
                    for name in ("journal_mode", "synchronous")
                ]
            return JsonResponse({
                "debug": settings.DEBUG, "pragmas": pragmas, "djdesk": settings.DJDESK,
                "cookie": settings.SESSION_COOKIE_NAME,
            })

        def own(request, name):
            return HttpResponse(f"the project serves {name}")

        urlpatterns = [
            path("", home), path("slow/", slow), path("facts/", facts),
            path("media/private/<path:name>", own),
        ]
    """,
    "tiny/things/__init__.py": "",
    "tiny/things/models.py": """
        from django.db import models

        class Thing(models.Model):
            name = models.CharField(max_length=20)
    """,
    "tiny/things/migrations/__init__.py": "",
    "tiny/things/migrations/0001_initial.py": """
        from django.db import migrations, models

        class Migration(migrations.Migration):
            initial = True
            operations = [migrations.CreateModel("Thing", [
                ("id", models.AutoField(primary_key=True)),
                ("name", models.CharField(max_length=20)),
            ])]
    """,
    "tiny/things/management/__init__.py": "",
    "tiny/things/management/commands/__init__.py": "",
    "tiny/things/management/commands/leave.py": """
        import sys

        from django.core.management.base import BaseCommand

        class Command(BaseCommand):
            def add_arguments(self, parser):
                parser.add_argument("--code", type=int)

            def handle(self, *, code, **options):
                self.stdout.write("leaving")
                sys.exit(code)
    """,
    "tiny/things/static/things/site.css": "/* style */\n" + "body { color: black; }\n" * 40,
    "tiny/things/templates/things/home.html": """
        {% load static %}<link rel="stylesheet" href="{% static 'things/site.css' %}">
        <p>{{ count }} things</p>
    """,
}


def make_bundle(root: Path) -> Path:
    """Lay the project out in *root*, with collectstatic's output."""
    write_project(root / "app" / "src", PROJECT)
    (root / "app" / "manage.py").write_text("", encoding="utf-8")
    (root / "bundle.json").write_text(json.dumps(MANIFEST), encoding="utf-8")
    shutil.copy(RUNTIME / "run_django.py", root)
    make_packages(root / "packages")
    done = run(root, "manage", "collectstatic", "--noinput", "--verbosity", "0")
    assert done.returncode == 0, done.stderr
    return root


def changed_bundle(bundle: Path, folder: Path, name: str, content: str) -> Path:
    """Return a copy of the bundle with one other file."""
    copy = folder / "changed"
    shutil.copytree(bundle, copy, symlinks=True)
    (copy / name).write_text(content, encoding="utf-8")
    return copy


def keep_bytecode(root: Path, scratch: Path) -> None:
    """Fill the folder in BYTECODE_VARIABLE with what the commands import."""
    with started(root, scratch, start_line=SHELL, compiling=True) as running:
        while running.event().get("event") == "progress":
            pass
        running.say(STOP)
        assert running.end() == 0, running.errors


def write_project(folder: Path, files: Mapping[str, str]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(content), encoding="utf-8")


def make_packages(packages: Path) -> None:
    """Let this environment's distributions stand in for a bundle's."""
    packages.mkdir()
    link(RUNTIME, packages / RUNTIME.name)
    for name in DISTRIBUTIONS:
        installed = distribution(name)
        for top in {file.parts[0] for file in installed.files or ()} - {".."}:
            link(Path(str(installed.locate_file(top))), packages / top)


def link(source: Path, target: Path) -> None:
    try:
        target.symlink_to(source, target_is_directory=source.is_dir())
    except OSError:  # Windows, without the right to make links
        shutil.copytree(source, target)


def command(root: Path, arguments: Sequence[str]) -> list[str]:
    options = ["-I", "-B", "-X", "utf8", "-X", "disable-remote-debug"]
    if folder := os.environ.get(BYTECODE_VARIABLE):
        options += ["-X", f"pycache_prefix={folder}"]
    return [sys.executable, *options, str(root / "run_django.py"), *arguments]


def environment(variables: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what a bundle gets: nothing of the test run's own settings."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP") if name in os.environ}
    return kept | dict(variables or {})


def run(
    root: Path, *arguments: str, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one command of the bundle to its end."""
    return subprocess.run(
        command(root, arguments),
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment(variables),
        timeout=LIMIT_SECONDS,
        check=False,
    )


@dataclass
class Running:
    """A started ``serve`` and what it has said; *headers* go with every request."""

    process: subprocess.Popen[str]
    error_file: Path
    progress: list[str]
    headers: dict[str, str]
    port: int = 0
    ready: Mapping[str, object] = field(default_factory=dict)
    answered: list[int] = field(default_factory=list)

    def event(self) -> dict[str, object]:
        """Return the next line as the event that it must be; {} at the end."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        return dict(json.loads(line)) if line else {}

    @property
    def errors(self) -> str:
        return self.error_file.read_text(encoding="utf-8")

    def get(
        self, path: str, *, method: str = "GET", headers: Mapping[str, str] | None = None
    ) -> "Answer":
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT_SECONDS)
        with contextlib.closing(connection):
            connection.request(method, path, headers=self.headers | dict(headers or {}))
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())

    def say(self, line: str) -> None:
        """Write a line to the server's standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def close_input(self) -> None:
        """Be gone, as far as the server can see."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def accepts(self) -> bool:
        """Tell whether a connection to the port can be made."""
        try:
            socket.create_connection(("127.0.0.1", self.port)).close()
        except OSError:
            return False
        return True

    def end(self) -> int:
        return self.process.wait(LIMIT_SECONDS)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@contextlib.contextmanager
def started(
    root: Path,
    scratch: Path,
    *options: str,
    start_line: Mapping[str, object] | None = None,
    compiling: bool = False,
    own_group: bool = False,
) -> Iterator[Running]:
    """Start ``serve`` with its data in *scratch*; killed at the end if it still runs.

    With a start line it is started as the shell does it.
    """
    arguments = ["serve", "--data-dir", str(scratch / "data"), *options]
    if start_line is not None:
        arguments.append("--shell")
    words = [word for word in command(root, arguments) if not (compiling and word == "-B")]
    error_file = scratch / "stderr"
    with (
        error_file.open("w") as errors,
        subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            encoding="utf-8",
            env=environment(),
            process_group=0 if own_group else None,
        ) as process,
    ):
        watchdog = threading.Timer(LIMIT_SECONDS, process.kill)
        watchdog.start()
        try:
            running = Running(process, error_file, [], {})
            if start_line is not None:
                running.say(json.dumps(start_line))
            yield running
        finally:
            watchdog.cancel()
            process.kill()


@contextlib.contextmanager
def served(
    root: Path, scratch: Path, *options: str, start_line: Mapping[str, object] | None = SHELL
) -> Iterator[Running]:
    """Start ``serve`` and wait until it is ready; without a start line, as a user does."""
    with started(root, scratch, *options, start_line=start_line) as running:
        while (event := running.event()).get("event") == "progress":
            if event["message"] not in running.progress:
                running.progress.append(str(event["message"]))
        assert event.get("event") == "ready", (event, running.errors)
        running.ready = event
        running.port = int(str(event["port"]))
        assert event["url"] == f"http://127.0.0.1:{running.port}/"
        assert event["pid"] == running.process.pid
        running.headers = {"X-DJDesk-Token": TOKEN} if start_line else {}
        yield running


def listing(root: Path) -> dict[str, tuple[int, int]]:
    """Return every path in the bundle with its size and time of change."""
    return {
        str(path.relative_to(root)): (path.lstat().st_size, path.lstat().st_mtime_ns)
        for path in root.rglob("*")
    }
