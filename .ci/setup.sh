# Shared by .ci/run and .ci/full: Python, uv and, where possible, a browser with Chinese fonts.
export PYTHONUTF8=1 UV_PYTHON_DOWNLOADS=never

python3 - <<'PY' || { echo "Python 3.11 or newer is needed"; exit 1; }
import sys
sys.exit(sys.version_info < (3, 11))
PY

install_browser() {
  command -v chromium >/dev/null && fc-list 2>/dev/null | grep -qi "noto.*cjk" && return 0
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  export DEBIAN_FRONTEND=noninteractive
  timeout 300 apt-get update -qq >/dev/null 2>&1
  timeout 900 apt-get install -y -qq --no-install-recommends chromium fontconfig fonts-noto-cjk >/dev/null 2>&1
}

if [ "${CI:-}" = true ] || [ "${HEADFRAME_FULL:-}" = 1 ]; then
  if install_browser; then export HEADFRAME_BROWSER=required
  else echo "no browser could be installed; tests that need one are skipped and say so"; fi
fi

command -v uv >/dev/null || python3 -m pip install --quiet uv || {
  # A system Python that refuses packages: an environment beside the checkout holds uv.
  python3 -m venv build/uv && build/uv/bin/pip install --quiet uv && export PATH="$PWD/build/uv/bin:$PATH"
}
hash -r
command -v uv >/dev/null || uv() { python3 -m uv "$@"; }

failed=()
step() { # step NAME COMMAND…: run it, say how it went, remember a failure and go on
  local name=$1 begun=$SECONDS status=0
  shift
  echo "== $name"
  "$@" || status=$?
  [ $status = 0 ] || failed+=("$name")
  echo "-- $name: exit $status after $((SECONDS - begun)) s"
}
