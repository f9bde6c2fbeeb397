"""How a municipality counts and reminds."""

from __future__ import annotations

from models import FollowUpSettings


def settings_of(municipality_id: int) -> FollowUpSettings:
    """The municipality's choices; the defaults, not stored, while it has made none."""
    row: FollowUpSettings | None = FollowUpSettings.get_or_none(FollowUpSettings.municipality == municipality_id)
    return row or FollowUpSettings(municipality=municipality_id)
