"""The backend for MariaDB and MySQL."""

from streamreports.backends.base.backend import Backend
from streamreports.backends.mysql.features import MysqlFeatures


class MysqlBackend(Backend):
    """Read reports from MariaDB and MySQL."""

    features_class = MysqlFeatures
