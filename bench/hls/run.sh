#!/usr/bin/env bash
# HLS beside nginx with the same bytes, and thousands of waiting players beside their floor: about three minutes on an idle machine. What is named runs alone: fetching, waiting.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.." || exit 1
. eng/prepare.sh
need_dotnet
need_packages nginx-light wrk gcc libc6-dev ffmpeg python3 || exit 1
dotnet build bench/hls -c Release -v quiet --nologo || exit 1
mkdir -p artifacts/bench
bench/hls/measure.py "$@" | tee artifacts/bench/hls.json
