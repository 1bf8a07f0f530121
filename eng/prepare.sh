# What ./run and ./test share: saying things, installing what is missing, building what has changed.
# Sourced, not run. Expects the repository's root as the current directory.

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
export NO_UPDATE_NOTIFIER=1 npm_config_fund=false npm_config_audit=false npm_config_update_notifier=false

mkdir -p artifacts/logs artifacts/stamps

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        say "This needs root, and sudo is not installed. As root, run: $*"
        return 1
    fi
}

# Runs a command quietly; its output is shown only when it fails. quietly NAME COMMAND...
quietly() {
    local log="artifacts/logs/$1.log"
    shift
    if "$@" >"$log" 2>&1; then
        return 0
    fi
    say "Failed: $*"
    tail -n 30 "$log" >&2
    say "The whole output is in $log."
    return 1
}

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# Installs the Debian packages that are missing. Returns 1 where some could not be had, after naming them.
need_packages() {
    command -v dpkg-query >/dev/null || { say "This is not Debian; see to it that these are there: $*"; return 0; }
    local missing=() one failed=()
    for one in "$@"; do
        is_installed "$one" || missing+=("$one")
    done
    [ ${#missing[@]} = 0 ] && return 0
    say "Installing ${missing[*]}"
    quietly apt-update as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q || true
    if as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}" >artifacts/logs/apt-install.log 2>&1; then
        return 0
    fi
    # One that is not to be had must not keep the others away.
    for one in "${missing[@]}"; do
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$one" >>artifacts/logs/apt-install.log 2>&1 || failed+=("$one")
    done
    [ ${#failed[@]} = 0 ] && return 0
    say "Could not install: ${failed[*]} (see artifacts/logs/apt-install.log). By hand: apt-get update && apt-get install ${failed[*]}"
    return 1
}

first_to_be_had() {
    local one
    for one in "$@"; do
        [ -n "$(apt-cache policy "$one" 2>/dev/null)" ] && break
    done
    printf '%s' "$one"
}

# need_library FILE PACKAGE...: the first package that exists brings it; its name differs between Debian releases.
need_library() {
    local file="$1" one
    shift
    [[ "$(/sbin/ldconfig -p 2>/dev/null)" == *"$file"* ]] && return 0
    for one in "$@"; do
        is_installed "$one" && return 0
    done
    need_packages "$(first_to_be_had "$@")" || die "$file is missing. Install it with: apt-get install $1"
}

has_dotnet() { command -v dotnet >/dev/null && [[ $'\n'"$(dotnet --list-sdks 2>/dev/null)" == *$'\n'10.* ]]; }

need_dotnet() {
    [ -x "$HOME/.dotnet/dotnet" ] && ! command -v dotnet >/dev/null && export PATH="$HOME/.dotnet:$PATH"
    has_dotnet && return 0
    say "The .NET 10 SDK is missing; trying to install it"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy dotnet-sdk-10.0 >artifacts/logs/dotnet.log 2>&1 && has_dotnet && return 0
    if command -v curl >/dev/null && curl -fsSL --max-time 30 https://dot.net/v1/dotnet-install.sh -o artifacts/dotnet-install.sh 2>>artifacts/logs/dotnet.log; then
        bash artifacts/dotnet-install.sh --channel 10.0 --install-dir "$HOME/.dotnet" >>artifacts/logs/dotnet.log 2>&1 || true
        export PATH="$HOME/.dotnet:$PATH"
        has_dotnet && return 0
    fi
    die "The .NET 10 SDK is missing and could not be installed. By hand:
  curl -fsSL https://dot.net/v1/dotnet-install.sh | bash -s -- --channel 10.0
  export PATH=\"\$HOME/.dotnet:\$PATH\""
}

has_node() { command -v node >/dev/null && command -v npm >/dev/null && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ]; }

need_node() {
    has_node && return 0
    say "Node 20 or newer is missing; trying to install it"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy nodejs npm >artifacts/logs/node.log 2>&1
    has_node && return 0
    die "Node 20 or newer is missing and the distribution has only an older one. By hand, as root:
  curl -fsSL https://deb.nodesource.com/setup_20.x | bash - && apt-get install -y nodejs"
}

# changed_since STAMP PATH...: true where the stamp is absent or anything under the paths is newer. Folders count, since a deleted file
# shows only there.
changed_since() {
    local stamp="$1"
    shift
    [ -e "$stamp" ] || return 0
    [ -n "$(find "$@" \( -name bin -o -name obj -o -name node_modules -o -name dist \) -prune -o -newer "$stamp" -print -quit 2>/dev/null)" ]
}

# Installs a folder's npm packages where its lock file is newer than what is installed.
npm_packages() {
    local folder="$1"
    if [ ! -e "$folder/node_modules/.package-lock.json" ] || [ "$folder/package-lock.json" -nt "$folder/node_modules/.package-lock.json" ]; then
        say "Installing the npm packages of $folder"
        quietly "npm-$(basename "$folder")" npm ci --prefix "$folder" || return 1
        touch "$folder/node_modules/.package-lock.json"
    fi
}

build_web() {
    [ -e web/package.json ] || return 0
    need_node
    npm_packages web || return 1
    if [ ! -e web/app/dist/index.html ] || changed_since artifacts/stamps/web web; then
        say "Building the site"
        quietly web-build npm run build --prefix web || return 1
        touch artifacts/stamps/web
    fi
}
