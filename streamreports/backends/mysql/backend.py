"""The backend for MariaDB and MySQL."""

from streamreports.backends.base.backend import Backend
from streamreports.backends.mysql.errors import explain_error
from streamreports.backends.mysql.features import MysqlFeatures
from streamreports.backends.mysql.operations import MysqlOperations
from streamreports.backends.mysql.session import MysqlReadSession


class MysqlBackend(Backend):
    """Read reports from MariaDB and MySQL."""

    features_class = MysqlFeatures
    operations_class = MysqlOperations
    session_class = MysqlReadSession
    explain_error = staticmethod(explain_error)
