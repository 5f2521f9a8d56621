"""Sends one GET to each URL with a library, and prints the status of each answer, or the error."""

from __future__ import annotations

import sys
from urllib.request import Request, urlopen

KEY = {"Authorization": "Bearer lk_python"}


def by_urllib(url: str) -> int:
    """Send by urllib."""
    with urlopen(Request(url, headers=KEY)) as answer:
        return int(answer.status)


def by_httpx(url: str) -> int:
    """Send by httpx."""
    import httpx

    return httpx.get(url, headers=KEY).status_code


def by_requests(url: str) -> int:
    """Send by requests."""
    import requests

    return requests.get(url, headers=KEY).status_code


def main(library: str, *urls: str) -> None:
    """Send by one library."""
    for url in urls:
        try:
            seen = globals()[f"by_{library}"](url)
        except Exception as error:
            seen = error
        sys.stdout.write(f"{seen}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
