#!/usr/bin/env bash
# Unpacks a newer ffmpeg than the system's, and an HE-AAC encoder, from Debian's testing suite into a folder of the user's cache, and prints that folder.
# Nothing is installed: the programs run with their own libraries, by the wrappers in bin/. About 110 MB to download, 250 MB unpacked, once.
# Tests that send what the system's ffmpeg cannot (Enhanced RTMP, HE-AAC) skip by name where this was not possible.
set -uo pipefail

home=${SLUICE_ENCODERS:-${XDG_CACHE_HOME:-$HOME/.cache}/sluice/encoders}
mirror=${SLUICE_DEBIAN_MIRROR:-http://deb.debian.org/debian}

[ -x "$home/bin/ffmpeg" ] && { printf '%s\n' "$home"; exit 0; }
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || { printf 'Debian alone has what this unpacks.\n' >&2; exit 1; }
for keys in /usr/share/keyrings/debian-archive-keyring.{pgp,gpg} ''; do [ -e "$keys" ] && break; done
[ -n "$keys" ] || { printf 'The keys of the Debian archive are missing (debian-archive-keyring).\n' >&2; exit 1; }

mkdir -p "$(dirname "$home")" || exit 1
# Two runs at once do not get in each other's way; the last step is one rename.
work=$(mktemp -d "$home.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/apt/{state/lists/partial,cache/archives/partial,none} "$work"/made/bin
: >"$work/apt/status"
printf 'deb [signed-by=%s] %s testing main contrib non-free\n' "$keys" "$mirror" >"$work/apt/sources.list"

# apt with a system of its own, in which nothing is installed.
apt() {
    timeout 300 apt-get -qq -o "Dir::State=$work/apt/state" -o "Dir::State::status=$work/apt/status" -o "Dir::Cache=$work/apt/cache" \
        -o "Dir::Etc::sourcelist=$work/apt/sources.list" -o "Dir::Etc::sourceparts=$work/apt/none" -o "Dir::Etc::preferencesparts=$work/apt/none" -o Dir::Etc::preferences=/dev/null \
        -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false -o Acquire::http::Timeout=20 -o Acquire::Retries=1 \
        -o APT::Sandbox::User="$(id -un)" -o APT::Install-Recommends=false -o Debug::NoLocking=true "$@"
}

# Nobody needs the HE-AAC encoder who has not got the other.
apt update && apt -y --download-only install ffmpeg && { apt -y --download-only install fdkaac || true; } || exit 1
for package in "$work"/apt/cache/archives/*.deb; do
    dpkg-deb -x "$package" "$work/made" || exit 1
done
rm -rf "$work"/made/usr/share "$work"/made/{etc,var}

loader=$(cd "$work/made" && find usr/lib usr/lib64 -name 'ld-linux*.so.*' 2>/dev/null | head -n 1)
folders=$(cd "$work/made" && find usr/lib -name '*.so*' -printf '%h\n' | sort -u | sed 's|^|$here/|' | paste -sd :)
cat >"$work/made/run" <<RUN
#!/bin/sh
# Runs the program by whose name it is called, with the libraries beside it.
name=\$(basename "\$0")
here=\$(dirname "\$(readlink -f "\$0")")
exec "\$here/$loader" --argv0 "\$name" --library-path "$folders" "\$here/usr/bin/\$name" "\$@"
RUN
chmod +x "$work/made/run"
for name in ffmpeg ffprobe fdkaac; do
    [ -e "$work/made/usr/bin/$name" ] && ln -s ../run "$work/made/bin/$name"
done

"$work/made/bin/ffmpeg" -version >/dev/null 2>"$work/said" || { cat "$work/said" >&2; exit 1; }
mv -T "$work/made" "$home" 2>/dev/null || [ -x "$home/bin/ffmpeg" ] || exit 1
printf '%s\n' "$home"
