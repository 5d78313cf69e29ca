"""The settings of a review: `config/review.yaml` with every default filled in, or every problem at once."""

from taprev.settings.reading import SettingsError, read_settings, settle
from taprev.settings.review import Settings
from taprev.settings.sections import Assumptions, Domain

__all__ = ["Assumptions", "Domain", "Settings", "SettingsError", "read_settings", "settle"]
