"""``python -m api.forms .pdf``: a document in, its rows out as JSON; for ``read_form``."""

import json
import sys

from api.forms.read import read_here

json.dump(read_here(sys.stdin.buffer.read(), sys.argv[1]), sys.stdout)
