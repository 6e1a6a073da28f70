"""Texts in, vectors out; vectors in, neighbours out. Knows nothing of needs."""

import os

# must be said before onnxruntime is imported: it would keep a device id and a queue of
# events in the user's home
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
