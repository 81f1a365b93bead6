"""Where a request comes from, also through proxies that are trusted; nobody else's word counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import Request

Network = IPv4Network | IPv6Network
UNKNOWN = "unknown"
"""The address of a request that does not tell one."""


@dataclass(frozen=True)
class Proxies:
    """Addresses that are believed what they say of others.

    Example:
        >>> proxies = Proxies.of(["10.0.0.0/24", "::1"])
        >>> proxies.holds("10.0.0.7"), proxies.holds("10.0.1.7"), proxies.holds("nonsense")
        (True, False, False)
    """

    networks: tuple[Network, ...] = ()

    @classmethod
    def of(cls, texts: Sequence[str]) -> Proxies:
        """Proxies at these addresses or networks.

        Raises:
            ValueError: When a text is neither.
        """
        return cls(tuple(ip_network(text) for text in texts))

    def holds(self, text: str) -> bool:
        """Whether that is the address of one of them."""
        address = _address(text)
        return address is not None and any(address in network for network in self.networks)


def peer(request: Request) -> str:
    """The address at the other end of the connection."""
    return request.client.host if request.client else UNKNOWN


def origin_of(request: Request, proxies: Proxies) -> str:
    """The address of the browser: the last one in ``X-Forwarded-For`` that is no proxy, where a proxy sent it."""
    found = peer(request)
    told = [each.strip() for each in request.headers.get("X-Forwarded-For", "").split(",") if each.strip()]
    while proxies.holds(found) and told:
        found = told.pop()
    return found if _address(found) else UNKNOWN


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found
