"""Store the files of exports on Amazon S3 or a compatible server, with django-storages."""

import io
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.files import File
from django.utils.deconstruct import deconstructible

from streamreports.exceptions import ReportError
from streamreports.exports.storage import require_reading

try:
    from botocore.exceptions import BotoCoreError, ClientError
    from storages.backends.s3 import S3Storage
    from storages.utils import clean_name
except ImportError as error:
    raise ReportError(
        "django-storages or boto3 is not installed.",
        'Install the extra "s3": pip install "django-streamreports[s3]".',
    ) from error

READ_SIZE = 256 * 1024  # bytes


@deconstructible(path="streamreports.exports.s3.PrivateS3Storage")
class PrivateS3Storage(S3Storage):  # type: ignore[misc]
    """Store private objects that become visible when they are complete.

    The options are those of ``S3Storage``. With ``presigned_urls = False``, Django sends the files.
    Only the ``AWS_...`` settings for the connection apply, since the others may be intended for
    public files. Uploads of killed processes continue to use space until ``delete_unfinished()``
    aborts them.
    """

    part_size = 8 * 1024 * 1024  # bytes; S3 accepts 10,000 parts, a total of 78 GiB
    presigned_urls: bool

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        if self.custom_domain or not self.querystring_auth:
            raise ReportError(
                "The files of exports would have public URLs.",
                "Remove custom_domain and querystring_auth from the options of the storage.",
            )
        if str(self.default_acl or "private").startswith(("public", "authenticated")):
            raise ReportError(
                f"default_acl {self.default_acl!r} would publish the files of exports.",
                "Remove default_acl from the options of the storage.",
            )

    def get_default_settings(self) -> dict[str, Any]:
        """Return the default values of the options."""
        return {
            **super().get_default_settings(),
            "custom_domain": None,
            "default_acl": None,
            "file_overwrite": False,
            "gzip": False,
            "location": "",
            "object_parameters": {},
            "presigned_urls": True,
            "querystring_auth": True,
        }

    def presigned_url(
        self, name: str, *, seconds: int, content_disposition: str, content_type: str
    ) -> str | None:
        """Return a URL from which anyone can download the file, for a number of seconds."""
        if not self.presigned_urls:
            return None
        parameters = {
            "ResponseCacheControl": "private, no-store",
            "ResponseContentDisposition": content_disposition,
            "ResponseContentType": content_type,
        }
        return str(self.url(name, parameters=parameters, expire=seconds))

    def delete_unfinished(self, older_than: timedelta) -> int:
        """Abort uploads whose last part was sent before the given time; return their number."""
        client, sent_before = self.connection.meta.client, datetime.now(UTC) - older_than
        prefix = self.location and f"{self.location.rstrip('/')}/"
        pages = client.get_paginator("list_multipart_uploads").paginate(
            Bucket=self.bucket_name, Prefix=prefix
        )
        aborted = 0
        for found in [each for page in pages for each in page.get("Uploads", ())]:
            upload = {
                "Bucket": self.bucket_name,
                "Key": found["Key"],
                "UploadId": found["UploadId"],
            }
            with suppress(client.exceptions.NoSuchUpload):  # It has just been completed.
                parts = client.get_paginator("list_parts").paginate(**upload)
                sent = [part["LastModified"] for page in parts for part in page.get("Parts", ())]
                if max([found["Initiated"], *sent]) < sent_before:
                    client.abort_multipart_upload(**upload)
                    aborted += 1
        return aborted

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        require_reading(mode)
        reader = ObjectReader(self.bucket.Object(self._normalize_name(clean_name(name))))
        return File(io.BufferedReader(reader, READ_SIZE), name)

    def _save(self, name: str, content: Any) -> str:
        # upload_fileobj() would read the content in a thread without the database connection, keep
        # ten parts in memory, and continue to read after the server has failed.
        name = clean_name(name)
        key = self._normalize_name(name)
        target = {"Bucket": self.bucket_name, "Key": key}
        parameters = self._get_write_parameters(key, content)
        first = content.read(self.part_size)
        if len(first) < self.part_size:
            self.connection.meta.client.put_object(**target, **parameters, Body=first)
        else:
            self._save_parts(target, parameters, content, first)
        return name

    def _save_parts(
        self, target: dict[str, str], parameters: dict[str, Any], content: Any, data: bytes
    ) -> None:
        """Upload an object in parts, of which ``data`` is the first."""
        client = self.connection.meta.client
        upload_id = client.create_multipart_upload(**target, **parameters)["UploadId"]
        upload = {**target, "UploadId": upload_id}
        parts: list[dict[str, Any]] = []
        try:
            while data:
                number = len(parts) + 1
                answer = client.upload_part(**upload, PartNumber=number, Body=data)
                # Servers that verify the parts require their checksums again.
                sums = {key: answer[key] for key in answer if key.startswith(("ETag", "Checksum"))}
                parts.append({"PartNumber": number, **sums})
                data = content.read(self.part_size)
            client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
        except BaseException:
            # If the server does not respond, delete_unfinished() does this later.
            with suppress(BotoCoreError, ClientError):
                client.abort_multipart_upload(**upload)
            raise


class ObjectReader(io.RawIOBase):
    """Read an object from any position, without a copy in memory or on disk."""

    def __init__(self, obj: Any) -> None:
        self._object = obj
        self._position = 0
        self._body: Any = None
        try:
            self._size = int(obj.content_length)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                raise FileNotFoundError(f"{obj.key} is missing on S3.") from error
            raise

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position in bytes."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position, and return it."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        position = max(start + offset, 0)
        if position != self._position:
            self._end_request()
        self._position = position
        return position

    def readinto(self, buffer: Any) -> int:
        """Read the next bytes into a buffer; return their number, 0 at the end."""
        if self._position >= self._size:
            return 0
        if self._body is None:
            self._body = self._object.get(Range=f"bytes={self._position}-")["Body"]
        data = self._body.read(len(buffer))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def close(self) -> None:
        """End the request."""
        try:
            self._end_request()
        finally:
            super().close()

    def _end_request(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None
