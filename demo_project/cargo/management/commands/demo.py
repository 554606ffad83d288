"""Make the demo site ready and serve it."""

import os
import socket
from argparse import ArgumentTypeError
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, CommandParser, call_command

from demo_project.cargo.models import Cargo
from demo_project.cargo.progress import Progress

HOST = "127.0.0.1"
USERS = [("admin", True, "sees the admin"), ("reader", False, "downloads the private report")]


class Command(BaseCommand):
    """Make tables, cargoes and users as far as they are missing, then serve."""

    help = "Load the demo cargoes, create the demo users, and serve the demo site."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the number of cargoes, the port, and whether to serve at all."""
        parser.add_argument(
            "--rows",
            type=positive,
            default=100_000,
            help="How many cargoes there are to be at least (default: %(default)s).",
        )
        parser.add_argument(
            "--port",
            type=port_number,
            default=8000,
            help=f"Port to serve at, on {HOST} (default: %(default)s).",
        )
        parser.add_argument(
            "--no-serve",
            action="store_true",
            help="Stop when everything is ready, without serving it.",
        )

    def handle(self, *, rows: int, port: int, no_serve: bool, **options: Any) -> None:
        """Migrate, load, create the users, serve."""
        if not no_serve:
            check_port(port)  # first, so that nobody waits for a load to be told
        try:
            call_command("migrate", interactive=False, verbosity=0)
            self.load(rows)
            self.create_users()
        except KeyboardInterrupt:
            raise CommandError("Stopped. Run demo again to go on.", returncode=130) from None
        if no_serve:
            self.stdout.write("Ready. Serve it with: python manage.py runserver")
            return
        self.stdout.write(self.style.SUCCESS(f"Open http://{HOST}:{port}/"))
        call_command("runserver", f"{HOST}:{port}", use_reloader=False)

    def load(self, rows: int) -> None:
        """Top the cargoes up to a number; leave those that exist as they are."""
        existing = Cargo.objects.count()
        if existing >= rows:
            self.stdout.write(f"There are {existing:,} cargoes already: none added.")
            return
        try:
            from demo_project.cargo.loading import load
        except ModuleNotFoundError as error:
            if error.name != "factory":
                raise
            raise CommandError(
                "The demo makes its cargoes with factory-boy, which is not installed.\n"
                'Install it with: pip install "django-streamreports[demo]"'
            ) from error
        if existing:
            self.stdout.write(f"There are {existing:,} cargoes: topping up to {rows:,}.")
        progress = Progress(self.stderr, rows - existing, "cargoes")
        try:
            load(rows - existing, progress.update)
        finally:
            progress.close()

    def create_users(self) -> None:
        """Create the users that are missing, and name them all."""
        model = get_user_model()
        self.stdout.write("Users:")
        for name, is_admin, purpose in USERS:
            if model.objects.filter(username=name).exists():
                access = "password as it was (at first the same as the name)"
            else:
                create = model.objects.create_superuser if is_admin else model.objects.create_user
                create(name, password=name)
                access = f"password {name}"
            self.stdout.write(f"  {name}, {access}: {purpose}")


def positive(text: str) -> int:
    """Return a number of at least 1; underscores may group its digits."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise ArgumentTypeError(f"{text!r} is not a positive whole number")
    return number


def port_number(text: str) -> int:
    """Return the number of a port."""
    number = positive(text)
    if number > 65_535:
        raise ArgumentTypeError(f"{text!r} is not a port, which is 65535 at most")
    return number


def check_port(port: int) -> None:
    """Raise an error that can be acted upon if nothing can listen at the port."""
    with socket.socket() as probe:
        if os.name == "posix":  # As the server does: a port is free as soon as it is left.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen()
        except OSError as error:
            raise CommandError(
                f"Cannot serve at {HOST}:{port}: {error.strerror}.\n"
                f"Choose another port, for example: python manage.py demo --port {port % 65535 + 1}"
            ) from error
