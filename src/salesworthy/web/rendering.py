"""Templates: Jinja with every text escaped, and nothing undefined passed over."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from salesworthy.web.assets import Assets
from salesworthy.web.navigation import may_search, places_of
from salesworthy.web.roles import TITLES, Role
from salesworthy.web.wording import FILTERS

TEMPLATES = Path(__file__).parent / "templates"


class Rendering:
    """Fills templates.

    Args:
        assets: Static files; templates name them with ``asset("site.css")``.
        workspace: What the workspace is called.

    Attributes:
        environment: Jinja's; views add their filters to ``environment.filters``.
    """

    def __init__(self, assets: Assets, workspace: str) -> None:
        self.environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.environment.globals |= {
            "asset": assets.address,
            "workspace": workspace,
            "Role": Role,
            "role_titles": TITLES,
            "places": places_of,
            "may_search": may_search,
        }
        self.environment.filters |= FILTERS

        self.environment.filters["title_of_role"] = _title_of_role

    def fill(self, template: str, values: Mapping[str, Any]) -> str:
        """The text of a template."""
        return self.environment.get_template(template).render(values)


def _title_of_role(name: str) -> str:
    return TITLES.get(Role(name), name) if name in set(Role) else name
