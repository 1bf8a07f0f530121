#!/usr/bin/env bash
# Glass to glass, read off the picture: RTMP to WHEP with sound and without, WHIP to LL-HLS. Options go to all of them.
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
node bench/glass/whip-hls.mjs "$@" || status=1
exit "$status"
