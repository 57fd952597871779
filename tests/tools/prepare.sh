# Shared by run, test and nuget/consume (sourced, bash): what a fresh machine lacks, and builds that leave no servers behind.

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
# Build nodes and compiler servers outlive a build by minutes; whoever runs one of these scripts wants the machine back. The
# compiler's server saves half of a build's time, so there is one of our own, which stop_compiler ends.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0
if [ -z "${PAAS_COMPILER:-}" ]; then
    PAAS_COMPILER=paas-$$-$RANDOM
    compiler_is_ours=1
fi
export PAAS_COMPILER SharedCompilationId=$PAAS_COMPILER UseSharedCompilation=true
# Loopback never goes through a proxy.
export no_proxy="127.0.0.1,localhost${no_proxy:+,$no_proxy}" NO_PROXY="127.0.0.1,localhost${NO_PROXY:+,$NO_PROXY}"

say() { printf '%s\n' "$*" >&2; }

die() {
    say "$*"
    exit 1
}

# As root, or through sudo. Without a terminal sudo cannot ask for a password: it fails instead of hanging.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif [ -t 0 ]; then
        sudo "$@"
    else
        sudo -n "$@"
    fi
}

# install_missing COMMAND:PACKAGE...
install_missing() {
    local pair packages=()
    for pair in "$@"; do
        command -v "${pair%%:*}" >/dev/null 2>&1 || packages+=("${pair##*:}")
    done
    [ "${#packages[@]}" = 0 ] || install_packages "${packages[@]}"
}

# install_packages PACKAGE...
install_packages() {
    command -v apt-get >/dev/null 2>&1 || die "Missing: $*. This is no Debian (no apt-get): install them by hand and start again."
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null 2>&1; then
        die "Missing: $*. Neither root nor sudo: have an administrator run: apt-get install -y $*"
    fi

    local package log
    for package in "$@"; do
        say "Installing $package (apt-get)"
    done
    log=$(mktemp)
    if ! { as_root apt-get -qq -o DPkg::Lock::Timeout=120 update &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "$@"; } >"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        die "apt-get could not install: $*. Install them by hand and start again."
    fi
    rm -f "$log"
}

require_dotnet() {
    command -v dotnet >/dev/null 2>&1 || die "The .NET 10 SDK is missing. Get it from https://dotnet.microsoft.com/download/dotnet/10.0 and start again."
    dotnet --version >/dev/null 2>&1 || die "No .NET 10 SDK is installed ($(dotnet --list-sdks 2>/dev/null | tr '\n' ' ')). Get it from https://dotnet.microsoft.com/download/dotnet/10.0 and start again."
}

# Ends the compiler's server that builds of this script have started; a script that another one has called leaves it to that one.
stop_compiler() {
    [ -n "${compiler_is_ours:-}" ] || return 0
    local file
    for file in $(grep -las -- "-pipename:$SharedCompilationId" /proc/[0-9]*/cmdline); do
        if grep -qas VBCSCompiler "$file"; then
            kill -TERM "$(basename "$(dirname "$file")")" 2>/dev/null
        fi
    done
    # The server's socket, which it leaves behind.
    rm -f "${TMPDIR:-/tmp}/$SharedCompilationId"
}

# Where a project's build output is: output_of PROJECT CONFIGURATION (lower case)
output_of() {
    printf '%s/bin/%s/%s' "${ArtifactsPath:-$root/artifacts}" "$1" "$2"
}
