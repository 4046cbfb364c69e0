"""What operators set and watch in the console: flags, settings, alerts, models."""

from tutor_project.platform.admin import models, operations, settings

__all__ = ["models", "operations", "settings"]
