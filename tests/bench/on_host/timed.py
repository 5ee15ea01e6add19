# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command on the lab host; print its seconds, its peak memory (MB) and its seconds of processor, and of a module
what it changed. timed.py COMMAND...
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time

with tempfile.TemporaryFile() as output:  # not a pipe: daemons that the command starts would keep it open
    start = time.monotonic()
    process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    _pid, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - start
    output.seek(0)
    said = output.read().decode(errors="replace")
if status:
    sys.exit(said[-3000:])
try:
    steps = len(json.loads(said).get("steps", ()))
except ValueError:
    steps = None
processor = usage.ru_utime + usage.ru_stime
print(json.dumps({"seconds": seconds, "megabytes": usage.ru_maxrss / 1024, "steps": steps, "processor": processor}))
