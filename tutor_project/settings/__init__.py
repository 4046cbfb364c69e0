"""Settings: one path for every environment; the environment itself is read in ``tutor_project.environment`` only."""

from tutor_project.environment import EMBEDDED, EMBEDDED_POSTGRES, EMBEDDED_REDIS
from tutor_project.settings.role import ROLE
from tutor_project.settings.base import *
from tutor_project.settings.security import *
from tutor_project.settings.database import *
from tutor_project.settings.messaging import *
from tutor_project.settings.api import *
from tutor_project.settings.content import *
from tutor_project.settings.llm import *
from tutor_project.settings.observability import *
from tutor_project.settings.runtime import *
from tutor_project.settings.console import *
