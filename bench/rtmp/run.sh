#!/usr/bin/env bash
# CPU of fifty RTMP publishers, Sluice against nginx-rtmp in one run. Options go to rtmp.py.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.." || exit 1
. eng/prepare.sh
need_dotnet
need_packages ffmpeg nginx-core libnginx-mod-rtmp python3 || true
mkdir -p artifacts/bench
dotnet build src/Server -c Release -v quiet --nologo || exit 1
dotnet build bench/rtmp/Load -c Release -v quiet --nologo || exit 1
python3 bench/rtmp/rtmp.py --json artifacts/bench/rtmp.json "$@"
