"""Prepare the demo site and serve it."""

import os
import socket
from argparse import ArgumentTypeError
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, CommandParser, call_command

from demo_project.cargo.models import Cargo
from demo_project.cargo.progress import Progress
from streamreports.exports.development import start_worker

HOST = "127.0.0.1"
USERS = [("admin", True, "sees the admin"), ("reader", False, "downloads the private report")]


class Command(BaseCommand):
    """Create the tables, cargoes and users that are missing, then start the server."""

    help = "Load the demo cargoes, create the demo users, and serve the demo site."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the number of cargoes, the port, and the option not to serve."""
        parser.add_argument(
            "--rows",
            type=positive,
            default=100_000,
            help="Minimum number of cargoes (default: %(default)s).",
        )
        parser.add_argument(
            "--port",
            type=port_number,
            default=8000,
            help=f"Port to listen on, at {HOST} (default: %(default)s).",
        )
        parser.add_argument(
            "--no-serve",
            action="store_true",
            help="Prepare the site without starting the server.",
        )

    def handle(self, *, rows: int, port: int, no_serve: bool, **options: Any) -> None:
        """Migrate, load the cargoes, create the users, and start the server with a worker."""
        if not no_serve:
            check_port(port)  # before the load, which takes time
        try:
            call_command("migrate", interactive=False, verbosity=0)
            self.load(rows)
            self.create_users()
        except KeyboardInterrupt:
            raise CommandError("Interrupted. Run demo again to continue.", returncode=130) from None
        if no_serve:
            self.stdout.write("Ready. Start the server with: python manage.py runserver")
            return
        self.stdout.write(self.style.SUCCESS(f"Open http://{HOST}:{port}/"))
        start_worker()
        call_command("runserver", f"{HOST}:{port}", use_reloader=False)

    def load(self, rows: int) -> None:
        """Add cargoes until there are ``rows``. Existing ones are not changed."""
        existing = Cargo.objects.count()
        if existing >= rows:
            self.stdout.write(f"{existing:,} cargoes exist already; none were added.")
            return
        try:
            from demo_project.cargo.loading import load
        except ModuleNotFoundError as error:
            if error.name != "factory":
                raise
            raise CommandError(
                "The demo requires factory-boy, which is not installed.\n"
                'Install it with: pip install "django-streamreports[demo]"'
            ) from error
        if existing:
            self.stdout.write(f"{existing:,} cargoes exist; adding {rows - existing:,}.")
        progress = Progress(self.stderr, rows - existing, "cargoes")
        try:
            load(rows - existing, progress.update)
        finally:
            progress.close()

    def create_users(self) -> None:
        """Create the users that are missing, and print all of them."""
        model = get_user_model()
        self.stdout.write("Users:")
        for name, is_admin, purpose in USERS:
            if model.objects.filter(username=name).exists():
                access = "existing password (initially the user name)"
            else:
                create = model.objects.create_superuser if is_admin else model.objects.create_user
                create(name, password=name)
                access = f"password {name}"
            self.stdout.write(f"  {name}, {access}: {purpose}")


def positive(text: str) -> int:
    """Return a positive integer. Underscores may separate groups of digits."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise ArgumentTypeError(f"{text!r} is not a positive integer")
    return number


def port_number(text: str) -> int:
    """Return a port number."""
    number = positive(text)
    if number > 65_535:
        raise ArgumentTypeError(f"{text!r} is not a port number: the maximum is 65535")
    return number


def check_port(port: int) -> None:
    """Raise CommandError if the port cannot be listened on."""
    with socket.socket() as probe:
        if os.name == "posix":  # As the server does: reuse a port that was just closed.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen()
        except OSError as error:
            raise CommandError(
                f"Cannot listen on {HOST}:{port}: {error.strerror}.\n"
                f"Choose another port, for example: python manage.py demo --port {port % 65535 + 1}"
            ) from error
