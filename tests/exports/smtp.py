"""A mail server on this machine, as small as SMTP allows (RFC 5321)."""

import contextlib
import email
import email.policy
import socketserver
import threading

import django


class Session(socketserver.StreamRequestHandler):
    """Take the mails of one connection."""

    def handle(self):
        self.say("220 mail.test ESMTP")
        for line in self.rfile:
            verb = line.decode().split(maxsplit=1)[0].upper()
            if verb == "DATA":
                self.say("354 Go on")
                lines = iter(self.rfile.readline, b".\r\n")
                content = b"".join(line.removeprefix(b".") for line in lines)
                policy = email.policy.default
                self.server.mails.append(email.message_from_bytes(content, policy=policy))
            self.say("221 Bye" if verb == "QUIT" else "250 OK")
            if verb == "QUIT":
                return

    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = False  # closing waits for them

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Session)
        self.mails = []

    @property
    def port(self):
        return self.server_address[1]


@contextlib.contextmanager
def mail_server():
    """Have a server; its ``mails`` are the messages that it got."""
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def send_through(settings, port, timeout=30):
    """Have Django send mails through the server at a port of this machine."""
    backend = "django.core.mail.backends.smtp.EmailBackend"
    if django.VERSION >= (6, 1):
        options = {"host": "127.0.0.1", "port": port, "timeout": timeout}
        settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": options}}
    else:
        settings.EMAIL_BACKEND, settings.EMAIL_TIMEOUT = backend, timeout
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
