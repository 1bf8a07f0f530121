#!/usr/bin/env bash
# Compares Sluice with Janus (and with Pion where Go is there) under one load: run.sh [--quick] [--row NAME]... [--report]. See README.md.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
command -v python3 >/dev/null || { echo "python3 is missing: apt-get install python3" >&2; exit 1; }
exec python3 -B "$here/compare.py" "$@"
