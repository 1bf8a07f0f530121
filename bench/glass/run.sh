#!/usr/bin/env bash
# Glass to glass, RTMP to WHEP, read off the picture: with sound and without. Options go to rtmp-whep.mjs.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.." || exit 1
. eng/prepare.sh
need_dotnet
need_node
need_packages ffmpeg chromium || true
build_web || exit 1
npm_packages tests/Browser || exit 1
dotnet build src/Server -c Release -v quiet --nologo || exit 1
status=0
node bench/glass/rtmp-whep.mjs "$@" || status=1
node bench/glass/rtmp-whep.mjs --silent "$@" || status=1
exit "$status"
