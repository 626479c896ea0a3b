"""Fetch data missing from a call from the client's FHIR server, with the token sent in the call."""

from __future__ import annotations

from urllib.parse import urljoin

from api.cds_hooks.outside import NotFetched, Outside
from api.cds_hooks.standard import HookJson
from api.settings import HookSettings


class Fetcher:
    """Asks one server on behalf of one call."""

    def __init__(self, settings: HookSettings, server: str, token: str) -> None:
        self._outside = Outside(settings, settings.servers)
        self._most_pages = settings.most_pages
        self._base = server.rstrip("/") + "/"
        self._token = token
        self._outside.allow(self._base)

    async def read(self, query: str) -> HookJson:
        """Read a resource or a search, with the pages that follow it on the same server."""
        whole = await self._get(urljoin(self._base, query))
        page, entries = whole, list(_listed(whole, "entry"))
        for _ in range(self._most_pages - 1):
            following = urljoin(self._base, _next(page) or "")
            if not _next(page) or not following.startswith(self._base):
                break
            page = await self._get(following)
            entries += _listed(page, "entry")
        if page is whole:
            return whole
        links = [k for k in _listed(whole, "link") if not _is_next(k)]
        if _next(page):
            links.append({"relation": "next", "url": _next(page)})
        return {**whole, "entry": entries, "link": links}

    async def _get(self, address: str) -> HookJson:
        found = await self._outside.get(address, self._token)
        if "resourceType" not in found:
            raise NotFetched("the server answered with no resource")
        return found


def _listed(page: HookJson, name: str) -> list[HookJson]:
    value = page.get(name)
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def more_pages(page: HookJson) -> bool:
    """Say whether a bundle is a page that others follow."""
    return any(_is_next(link) for link in _listed(page, "link"))


def _next(page: HookJson) -> str | None:
    links = (k.get("url") for k in _listed(page, "link") if _is_next(k))
    return next((url for url in links if isinstance(url, str)), None)


def _is_next(link: HookJson) -> bool:
    return str(link.get("relation")).lower() == "next"
