"""Names and forms of CDS Hooks 2.0.1 that more than one module needs."""

from __future__ import annotations

import re
from typing import Any

HookJson = dict[str, Any]

SELECT, SIGN, VIEW, VERIFY = "order-select", "order-sign", "patient-view", "medication-verify"
# Each hook with the version that is supported here.
HOOKS = {SELECT: "1.0", SIGN: "1.0", VIEW: "1.0", VERIFY: "0.1.0"}
# Some servers put an underscore into ids, which FHIR does not; in an address it does no harm.
ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
REFERENCE = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9._-]{1,64}\Z")
