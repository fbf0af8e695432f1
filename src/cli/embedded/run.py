"""Runs Label Studio on a unix socket for as long as standard input stays open (GATEWAY 10.1).

    python -I run.py '{"lock": …, "database": …, "schema": …, "account": …, "socket": …}'

Owns what happens inside Label Studio's own Python: one lock on the data, the database and its
migrations, the first account, gunicorn. Events go to file descriptor 3 as lines of JSON; what Label
Studio prints goes to standard output. Environment, folders and restarts are cli/embedded's. Without a
socket it ends once the database is made, which is how the schema that ships is made.
"""
import fcntl
import json
import os
import secrets
import signal
import sqlite3
import sys
import threading
from types import SimpleNamespace

EXIT_LOCKED = 75
THREADS = 8


def tell(**event):
    os.write(3, (json.dumps(event) + "\n").encode())


def end_with_parent():
    """Ends this process in good order when the parent closes the pipe, or dies, which closes it too."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))

    def watch():
        while os.read(0, 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def lock_data(path):
    """The kernel's lock: it ends with the last process that has it, however that ends."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        tell(event="locked")
        sys.exit(EXIT_LOCKED)


def set_up_django(package):
    sys.path.insert(0, package)
    os.environ["DJANGO_SETTINGS_MODULE"] = "label_studio.core.settings.label_studio"
    from django.conf import settings

    # Several threads write: each waits for its turn instead of failing in mid-transaction.
    settings.DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    from django.core.wsgi import get_wsgi_application

    return get_wsgi_application()


def load_schema(database, schema, version):
    """A new database from the schema that ships: what this version's migrations make, without their minutes."""
    if os.path.exists(database) or not schema:
        return
    with open(schema, encoding="utf-8") as file:
        if file.readline().strip() != f"-- label-studio {version}":
            return
        script = file.read()
    draft = f"{database}.new"
    if os.path.exists(draft):
        os.unlink(draft)
    connection = sqlite3.connect(draft)
    connection.executescript(script)
    connection.close()
    os.rename(draft, database)


def migrate():
    """Applies what is missing, and tells how far it is."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    total = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if total == 0:
        return
    tell(event="migrating", done=0, total=total)

    class Lines:
        done = 0

        def write(self, text):
            if text.rstrip().endswith("OK"):
                self.done += 1
                tell(event="migrating", done=self.done, total=total)

        def flush(self):
            pass

    call_command("migrate", interactive=False, no_color=True, verbosity=1, stdout=Lines())


def make_account(email):
    """The owner of the first organization, as Label Studio's own command makes one. Nobody knows the password."""
    from label_studio.server import _create_user
    from organizations.models import Organization

    if Organization.objects.exists():
        return
    account = SimpleNamespace(
        username=email,
        password=secrets.token_urlsafe(32),
        user_token=None,
        quiet_mode=True,
        enable_legacy_api_token=False,
    )
    _create_user(account, {})


def serve(application, socket_path):
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):
        def load_config(self):
            settings = {
                "bind": f"unix:{socket_path}",
                "umask": 0o077,
                "workers": 1,
                "worker_class": "gthread",
                "threads": THREADS,
                "timeout": 120,
                "graceful_timeout": 5,
                "keepalive": 75,
                # Only Labelgate reaches the socket; lists of ids are long, and it bounds headers itself.
                "limit_request_line": 0,
                "limit_request_field_size": 0,
                "control_socket_disable": True,
                "accesslog": None,
                "errorlog": "-",
                "proc_name": "labelgate-label-studio",
            }
            for name, value in settings.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self):
            return application

    Server().run()


def main():
    asked = json.loads(sys.argv[1])
    os.umask(0o077)
    end_with_parent()
    lock_data(asked["lock"])
    tell(event="loading")
    import label_studio

    version = label_studio.__version__
    # Before Django, which makes an empty database when it starts.
    load_schema(asked["database"], asked.get("schema"), version)
    application = set_up_django(os.path.dirname(label_studio.__file__))
    migrate()
    if "socket" not in asked:
        return
    make_account(asked["account"])
    from django.db import connections

    # A connection must not be shared with the worker, which is a copy of this process.
    connections.close_all()
    tell(event="serving", version=version)
    serve(application, asked["socket"])


main()
