#!/bin/sh
# Finds a Python that can build the environment and runs the given script with it: tools/bootstrap.sh SCRIPT [ARGUMENT...]
# A bare Debian has no Python at all: as root, or with a sudo that asks nothing, it is installed here.
set -eu

suits() {
    # Debian keeps ensurepip, without which there is no environment, in a package apart.
    command -v "$1" >/dev/null 2>&1 &&
        "$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' >/dev/null 2>&1
}

find_python() {
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python; do
        if suits "$candidate"; then
            printf '%s\n' "$candidate"
            return 0
        fi
    done
    return 1
}

install_python() {
    command -v apt-get >/dev/null 2>&1 || return 1
    if [ "$(id -u)" -eq 0 ]; then
        as_root=''
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as_root='sudo -n'
    else
        return 1
    fi
    echo 'Installing Python: python3 python3-venv' >&2
    $as_root apt-get -qq -o DPkg::Lock::Timeout=120 update >/dev/null
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 install --yes \
        --no-install-recommends python3 python3-venv >/dev/null
}

if ! python=$(find_python); then
    if ! install_python || ! python=$(find_python); then
        {
            echo 'Counterpart needs Python 3.11, 3.12 or 3.13 with its venv module, and none was found.'
            if command -v apt-get >/dev/null 2>&1; then
                echo 'Install it with:'
                echo '  sudo apt-get install --yes python3 python3-venv'
                echo 'If that brings an older one, name a newer one: make PYTHON=/path/to/python3.12'
            else
                echo 'Install it with the packages of your system or from python.org, or name one: make PYTHON=/path/to/python3.12'
            fi
        } >&2
        exit 1
    fi
fi

exec "$python" "$@"
