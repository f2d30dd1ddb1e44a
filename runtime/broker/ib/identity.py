"""Under whose name we trade."""

from __future__ import annotations

import attrs


@attrs.frozen
class Identity:
    """The account, the client id, and the instance in our references (`rulec/<instance>/…`)."""

    account: str
    client: int
    instance: str
