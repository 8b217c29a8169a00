"""What the fixtures hand to the tests."""

from collections.abc import Callable
from pathlib import Path

from djdesk.notes.models import Attachment, Note

MakeNote = Callable[..., Note]
Attach = Callable[..., Attachment]
Submit = Callable[..., str]
StoredFiles = Callable[[], list[Path]]
