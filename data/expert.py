"""An expert: somebody at a university or institute whom needs may look for."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import blake2b

from matcher.types import OrganizationKind

EMPLOYERS = (OrganizationKind.UNIVERSITY, OrganizationKind.INSTITUTE)
"""What an expert may be at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expert:
    """One expert.

    Attributes:
        organization: Its id; of a row of a file the id or name as written, or empty.
        title: Academic or professional title; may be empty.
        fields: What the expert works on.
        text: Anything more; may be empty.
    """

    id: str = ""
    organization: str = ""
    name: str
    title: str = ""
    fields: tuple[str, ...] = ()
    text: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def etag(self) -> str:
        """Fingerprint of everything but the times."""
        content = asdict(self) | {"created_at": None, "updated_at": None}
        canonical = json.dumps(content, ensure_ascii=False, sort_keys=True)
        # a lone surrogate cannot be stored, but must not break the comparison either
        return blake2b(canonical.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
