#!/bin/sh
# Makes .venv and installs what is pinned: `venv.sh` to run, `venv.sh dev` to test as well. Does nothing when all is there.
set -eu
cd "$(dirname "$0")/../.."
kind="${1:-run}"
if [ "$kind" = dev ]; then pins="requirements-dev.txt requirements-collection.txt"; else pins=requirements.txt; fi

fail() {
    echo "awx_lite: $1" >&2
    exit 1
}

fits() { # whether this Python is one that Django and ansible-core both support
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

find_python() {
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if fits "$candidate"; then
            echo "$candidate"
            return
        fi
    done
}

# shellcheck disable=SC2086  # two files of pins are two words
wanted="$(cat requirements.txt $pins | cksum) $PWD"
pins="${pins%% *}"
stamp=".venv/.installed-$kind"
if [ -x .venv/bin/python ] && fits .venv/bin/python && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
    exit 0
fi

python="$(find_python)"
[ -n "$python" ] || fail "No Python 3.11 to 3.13 found${PYTHON:+ (PYTHON=$PYTHON)}: install one (apt-get install python3 python3-venv) or set PYTHON."
command -v git >/dev/null || fail "git is not installed, and projects come from git: install it (apt-get install git)."

# A checkout that was moved has a .venv whose programs name the old place; one by another Python is of no use either.
if [ -d .venv ] && { ! fits .venv/bin/python || ! grep -qsF "$PWD/.venv" .venv/bin/activate; }; then
    rm -rf .venv
fi
if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    echo "Making the virtual environment .venv with $("$python" --version)"
    "$python" -m venv .venv >/dev/null 2>&1 ||
        fail "$python cannot make a virtual environment here: install python3-venv (apt-get install python3-venv) and check the free disk space."
fi

echo "Installing $pins"
log=.venv/install.log
if ! .venv/bin/python -m pip install --disable-pip-version-check --no-input -r "$pins" >"$log" 2>&1; then
    reason="$(grep -E '^ERROR|No space left' "$log" | tail -1)"
    fail "pip could not install $pins: ${reason:-see} ($PWD/$log)"
fi

if [ "$kind" = dev ] && ! .venv/bin/python -m awx_lite.up.collection >>"$log" 2>&1; then
    fail "the collection awx.awx could not be unpacked: $(tail -1 "$log") ($PWD/$log)"
fi

cat >.venv/bin/awx-manage <<EOF
#!/bin/sh
exec "$PWD/.venv/bin/python" "$PWD/manage.py" "\$@"
EOF
chmod +x .venv/bin/awx-manage
ln -sf awx-manage .venv/bin/aap-gateway-manage
echo "$wanted" >"$stamp"
