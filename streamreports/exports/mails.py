"""Email the owner of an export that has ended."""

import logging
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template import TemplateDoesNotExist
from django.template.loader import get_template, render_to_string

from streamreports.conf import get_settings
from streamreports.exports.links import absolute_url, link_to
from streamreports.exports.models import Export
from streamreports.exports.progress import progress_of
from streamreports.exports.saved import SavedRequest
from streamreports.exports.sending import restored_context

logger = logging.getLogger("streamreports")

SUBJECT = "streamreports/exports/mail_subject.txt"
TEXT = "streamreports/exports/mail.txt"
HTML = "streamreports/exports/mail.html"  # exists only if the project defines it
MAILED = (Export.State.DONE, Export.State.FAILED)  # Cancelled exports need no email.


def mail_owner(*, export: Export, **kwargs: Any) -> None:
    """Email the owner of an export that is done or has failed, if ``EXPORT_SEND_MAIL`` is set.

    This is a receiver of ``export_finished``. Errors are logged, since the export has already
    ended.
    """
    if not get_settings().export_send_mail or export.state not in MAILED:
        return
    try:
        message = message_about(export)
        if message is not None:
            message.send()
    except Exception:
        logger.exception("The mail about the export %s could not be sent.", export.pk)


def message_about(export: Export) -> EmailMultiAlternatives | None:
    """Return the email about an export, in its language and time zone.

    None if the owner is inactive or has no email address.
    """
    owner: Any = export.owner
    address = getattr(owner, owner.get_email_field_name(), "")
    if not address or not owner.is_active:
        return None
    with restored_context(SavedRequest.from_fields(export)):
        context = context_of(export)
        subject = render_to_string(SUBJECT, context)
        message = EmailMultiAlternatives(
            subject=" ".join(subject.split()),  # A header is one line.
            body=render_to_string(TEXT, context),
            to=[address],
            headers={"Auto-Submitted": "auto-generated"},  # RFC 3834
        )
        html = render_html(context)
    if html is not None:
        message.attach_alternative(html, "text/html")
    return message


def context_of(export: Export) -> dict[str, Any]:
    """Return the context of the templates."""
    is_done = export.state == Export.State.DONE
    return {
        "export": export,
        "user": export.owner,
        "progress": progress_of(export),
        "is_done": is_done,
        "is_anonymous": get_settings().export_anonymous_links,
        "file_url": link_to(export) if is_done else "",
        "page_url": absolute_url(export, "detail", export.pk),
        "host": export.host,
    }


def render_html(context: dict[str, Any]) -> str | None:
    """Return the HTML of the email; None if the project has no template for it."""
    try:
        template = get_template(HTML)
    except TemplateDoesNotExist:
        return None
    return template.render(context)
