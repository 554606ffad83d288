"""What the system checks say of the storage of exports."""

import sys

import pytest
from django.core.checks import Error, Warning

from streamreports.exports.checks import check_storage

PRIVATE = "streamreports.exports.storage.PrivateFileSystemStorage"


class S3Storage:
    """Stands for the class of django-storages, which may not be installed."""

    __module__ = "storages.backends.s3"


class Own(S3Storage):
    """A storage of a project's own."""

    __module__ = "project"


@pytest.fixture
def use(settings, tmp_path):
    """Return the function that sets the storage of exports, and the public folders."""

    def use(backend, media="media", static="static", **options):
        settings.STORAGES = {"streamreports": {"BACKEND": backend, "OPTIONS": options}}
        settings.MEDIA_ROOT = media and tmp_path / media
        settings.STATIC_ROOT = static and tmp_path / static

    return use


def inside(location, name, folder):
    return Error(
        f"The location of the storage of exports, {location}, and {name}, {folder}, overlap."
        " Web servers publish what is there.",
        hint="Give the entry 'streamreports' of STORAGES a separate location.",
        id="streamreports.E021",
    )


def test_nothing_is_said_of_a_private_folder(use, tmp_path):
    use(PRIVATE, location=tmp_path / "exports")
    assert check_storage(None) == []
    assert not (tmp_path / "exports").exists()


@pytest.mark.parametrize("unset", [None, ""])
def test_folders_that_are_not_set_are_not_compared(use, tmp_path, unset, monkeypatch):
    monkeypatch.chdir(tmp_path)
    use(PRIVATE, media=unset, static=unset, location=tmp_path / "exports")
    assert check_storage(None) == []


def test_the_alias_is_missing(settings):
    settings.STORAGES = {}
    assert check_storage(None) == [
        Error(
            "STORAGES has no entry 'streamreports', in which the files of exports are kept.",
            hint='Add one: "streamreports": {"BACKEND":'
            ' "streamreports.exports.storage.PrivateFileSystemStorage", "OPTIONS": {"location":'
            ' BASE_DIR / "exports"}}.',
            id="streamreports.E020",
        )
    ]


def test_the_location_is_missing(use):
    use(PRIVATE)
    (error,) = check_storage(None)
    assert (error.id, error.msg) == (
        "streamreports.E020",
        "PrivateFileSystemStorage has no location.",
    )


@pytest.mark.parametrize(
    ("backend", "options", "start"),
    [
        ("nowhere.Storage", {}, "InvalidStorageError: Could not find backend 'nowhere.Storage'"),
        (PRIVATE, {"location": "/a", "folder": 1}, "TypeError: "),
    ],
)
def test_the_storage_cannot_be_made(use, backend, options, start):
    use(backend, **options)
    (error,) = check_storage(None)
    assert error.id == "streamreports.E020"
    assert error.msg.startswith(f"The storage of exports cannot be used: {start}")
    assert error.hint == "Check the entry 'streamreports' of STORAGES."


@pytest.mark.parametrize("name", ["MEDIA_ROOT", "STATIC_ROOT"])
@pytest.mark.parametrize(
    ("location", "public"),
    [("public/exports", "public"), ("public", "public"), ("exports", "exports/public")],
)
def test_web_servers_publish_the_files(use, tmp_path, name, location, public):
    folders = {"media": public} if name == "MEDIA_ROOT" else {"static": public}
    if location == "exports":
        folders = {"media": "media", "static": "static", **folders}
    use(PRIVATE, location=tmp_path / location, **folders)
    assert check_storage(None) == [inside(tmp_path / location, name, tmp_path / public)]


def test_a_symbolic_link_leads_to_a_public_folder(use, tmp_path):
    (tmp_path / "media").mkdir()
    (tmp_path / "exports").symlink_to(tmp_path / "media")
    use(PRIVATE, location=tmp_path / "exports")
    media = tmp_path / "media"
    assert check_storage(None) == [inside(media, "MEDIA_ROOT", media)]


def test_a_folder_whose_name_begins_alike_is_another(use, tmp_path):
    use(PRIVATE, location=tmp_path / "media-exports")
    assert check_storage(None) == []


def test_the_location_is_below_a_file(use, tmp_path):
    (tmp_path / "file").touch()
    use(PRIVATE, location=tmp_path / "file/exports")
    (error,) = check_storage(None)
    assert error.id == "streamreports.E021"
    assert f"but {tmp_path / 'file'} is not a folder" in error.msg


def test_a_plain_file_system_storage(use, tmp_path):
    use("django.core.files.storage.FileSystemStorage", location=tmp_path / "exports")
    assert check_storage(None) == [
        Warning(
            "FileSystemStorage is not designed for exports: a file may be public, or visible before"
            " it is complete.",
            hint=f'Use {{"BACKEND": "{PRIVATE}"}} in the entry \'streamreports\' of STORAGES.',
            id="streamreports.W020",
        )
    ]


def test_a_plain_s3_storage(use):
    use(f"{__name__}.Own")
    (warning,) = check_storage(None)
    assert warning.id == "streamreports.W020"
    assert warning.msg.startswith("Own is not designed for exports")
    assert '"streamreports.exports.s3.PrivateS3Storage"' in warning.hint


def test_nothing_is_said_of_other_storages(use):
    use("django.core.files.storage.InMemoryStorage")
    assert check_storage(None) == []


def test_a_missing_package_is_named(use, monkeypatch):
    monkeypatch.setitem(sys.modules, "storages.backends.s3", None)
    monkeypatch.delitem(sys.modules, "streamreports.exports.s3", raising=False)
    use("streamreports.exports.s3.PrivateS3Storage", bucket_name="exports")
    assert check_storage(None) == [
        Error(
            "django-storages or boto3 is not installed.",
            hint='Install the extra "s3": pip install "django-streamreports[s3]".',
            id="streamreports.E020",
        )
    ]
