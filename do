#!/bin/sh
# The one entry script: ./do help tells what it can. POSIX sh, for Debian 12; on a fresh machine it needs
# nothing but this shell and apt-get.
# shellcheck disable=SC2086  # package lists are to be split into words
set -eu
CDPATH='' cd -- "$(dirname -- "$0")"
export LC_ALL=C.UTF-8
umask 022

# Debian packages by purpose. librocksdb-dev and libspdlog-dev bring what their CMake files ask for.
build_packages='
  g++ cmake ninja-build make python3
  librocksdb-dev libcurl4-openssl-dev libtinyxml2-dev libwebsocketpp-dev libasio-dev liburing-dev libxxhash-dev
  libzstd-dev zlib1g-dev
  nlohmann-json3-dev libcli11-dev libfmt-dev libspdlog-dev libexpected-dev libsystemd-dev pkgconf catch2
  nodejs'
# A Node.js that is not Debian's brings its own npm, beside which Debian's cannot be installed.
command -v npm >/dev/null || build_packages="$build_packages npm"
run_packages='supervisor'
test_packages='python3-jsonschema python3-xxhash rocksdb-tools iproute2 chromium curl prometheus
  clickhouse-server libhdrhistogram-java default-jre-headless'
bench_packages='valgrind'
lint_packages='clang-format-14 clang-tidy-16 shellcheck'
# As many tests may fail by accident: they are run again. Of more, none is.
accidents=3

usage() {
  cat <<'END'
usage: ./do COMMAND [ARGUMENT...]

  smoke [OPTION...]              set up, build, and run configs/smoke.json against a supervisord of its own on
                                 loopback; options go to `wsbench run`, its exit code comes back
  test [PRESET] [OPTION...]      set up, build (dev unless told otherwise) and run every test; options go to ctest:
                                 ./do test -R block; ./do test tsan -R client. First of them --all-contestants:
                                 hold every contestant that is installed to the rules, not only some. Up to three
                                 tests that failed are run once more, alone, and told
  build [PRESET] [OPTION...]     set up and build: release (the default), dev, asan or tsan; options go to
                                 `cmake --build`: ./do build dev --target wsbench
  bench [NAME...]                set up, build and run the benchmarks, or those whose names contain a NAME
  lint                           formatting, clang-tidy, layering, one definition of each type, shell scripts
  contestants NAME...|OPTION...  set contestants up: --all, --installed, --suite FILE, --dry-run, ... (that is
                                 competition/setup; ./do contestants --help)
  setup                          only install what smoke, test and bench need
  packages [--update] NAME...    only install these Debian packages; --update: bring the package lists up to date
  help                           this text

The program is build/release/wsbench. Missing Debian packages are installed (as root, or through sudo), and what the
dashboard is built with comes from npm; nothing is fetched when none is missing. Logs: build/log.

  JOBS=N                         compile N files at a time, rather than what CPUs and memory allow
  WSBENCH_SKIP_SETUP=1           neither look for packages, Debian's or npm's, nor install any
END
}

say() { printf 'do: %s\n' "$*" >&2; }
die() { say "$@"; exit 3; }

# quietly NAME COMMAND...: the output goes to build/log/NAME.log; only a failure shows its end.
quietly() {
  log=build/log/$1.log
  shift
  mkdir -p build/log
  if "$@" >"$log" 2>&1 </dev/null; then return 0; fi
  tail -n 40 "$log" >&2
  die "failed: $* (whole log: $log)"
}

# missing_packages NAME...: those that dpkg does not have as installed.
missing_packages() {
  # The exit status only repeats that some package is unknown.
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
    sed -n 's/ installed$//p' | sort -u) || true
  printf '%s\n' "$@" | sort -u | while read -r package; do
    printf '%s\n' "$installed" | grep -qxF -e "$package" || printf '%s ' "$package"
  done
}

# as_root COMMAND...: straight, or through sudo, which may ask for a password where there is a terminal.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif (: </dev/tty) 2>/dev/null; then
    sudo "$@"
  else
    sudo -n "$@"
  fi
}

# A fresh machine may be busy with its own first upgrade: wait for its lock. The configuration files of what is
# there already are left as they are.
apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 \
    -o Dpkg::Options::=--force-confold "$@"
}

# Out-of-date lists of one source must not stop what another source can give.
update_lists() {
  apt_get update || say "apt-get update failed; going on with the package lists that are there"
}

install_packages() {
  update_lists
  apt_get install --no-install-recommends "$@"
}

# setup PACKAGE...
setup() {
  [ -z "${WSBENCH_SKIP_SETUP:-}" ] || return 0
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    die "no apt-get here. Install what stands for these Debian packages, then set WSBENCH_SKIP_SETUP=1:" "$@"
  fi
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    die "packages are missing, and there is neither root nor sudo to install them. As root:
    apt-get install --no-install-recommends $missing"
  fi
  say "installing with apt-get: $missing"
  quietly setup install_packages $missing
}

# node_modules FOLDER: what its lockfile names, got by npm unless it is there already. Nothing of it is run.
node_modules() {
  [ -z "${WSBENCH_SKIP_SETUP:-}" ] || return 0
  ! cmp -s "$1/package-lock.json" "$1/node_modules/.got" || return 0
  say "getting what $1/package-lock.json names with npm"
  quietly "npm-$(basename "$1")" npm ci --ignore-scripts --prefix "$1"
  cp "$1/package-lock.json" "$1/node_modules/.got"
}

# needs_proc: supervisord, the monitor and wsbench itself look at processes there.
needs_proc() {
  [ -r /proc/self/stat ] || die "/proc is not mounted; supervisord and wsbench need it (mount -t proc proc /proc)"
}

# compile_jobs: as many as there are CPUs, at 1.5 GiB of free memory each (RocksDB's and websocketpp's headers).
compile_jobs() {
  if [ -n "${JOBS:-}" ]; then
    printf '%s\n' "$JOBS"
    return
  fi
  free_kib=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB$/\1/p' /proc/meminfo 2>/dev/null || true)
  # A container's own limit, where there is one; it is "max" where there is none.
  container_bytes=$(grep -x '[0-9]*' /sys/fs/cgroup/memory.max 2>/dev/null || true)
  if [ -n "$container_bytes" ] && [ "$((container_bytes / 1024))" -lt "${free_kib:-0}" ]; then
    free_kib=$((container_bytes / 1024))
  fi
  jobs=$((${free_kib:-0} / 1572864))
  [ "$jobs" -le "$(nproc)" ] || jobs=$(nproc)
  [ "$jobs" -ge 1 ] || jobs=1
  printf '%s\n' "$jobs"
}

is_preset() {
  case $1 in release | dev | asan | tsan) return 0 ;; *) return 1 ;; esac
}

# only_options ARGUMENT...: what follows a preset is for another program, and begins with an option.
only_options() {
  case ${1:-} in [!-]*) die "what is \"$1\"? A preset (release, dev, asan or tsan) comes first, once" ;; esac
}

# progress LOG: copies what a build says to the log. Of ninja's "[12/345] Building ..." a terminal keeps the last count in
# view; elsewhere each tenth of the way is a line.
progress() {
  : >"$1"
  told=0
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$1"
    case $line in '['[0-9]*/[0-9]*'] '*) ;; *) continue ;; esac
    count=${line#[}
    count=${count%%]*}
    tenth=$((10 * ${count%/*} / ${count#*/}))
    if [ -t 2 ]; then
      printf '\r\033[Kdo: %s' "$count" >&2
    elif [ "$tenth" -gt "$told" ]; then
      say "$count"
    fi
    told=$tenth
  done
  ! [ -t 2 ] || printf '\r\033[K' >&2
}

# build PRESET [OPTION...]: configure, then cmake --build. CI compiles a room at a time (a unity build): it builds once.
build() {
  preset=$1
  shift
  started=$(date +%s)
  jobs=$(compile_jobs)
  node_modules orchestrator/control/dashboard
  quietly "configure-$preset" cmake --preset "$preset" ${CI:+-D CMAKE_UNITY_BUILD=ON}
  log=build/log/build-$preset.log
  say "building $preset, $jobs at a time ($log)"
  # A pipe tells the last program's status only: the build's own is left in a file.
  {
    code=0
    cmake --build "build/$preset" -j "$jobs" "$@" 2>&1 </dev/null || code=$?
    echo "$code" >"$log.status"
  } | progress "$log"
  status=$(cat "$log.status")
  rm -f "$log.status"
  if [ "$status" -ne 0 ]; then
    tail -n 40 "$log" >&2
    die "failed: cmake --build build/$preset (whole log: $log)"
  fi
  say "built in $(($(date +%s) - started)) s"
}

do_build() {
  preset=release
  if [ $# -gt 0 ] && is_preset "$1"; then
    preset=$1
    shift
  fi
  only_options "$@"
  setup $build_packages
  build "$preset" "$@"
}

do_packages() {
  if [ "${1:-}" = --update ]; then
    shift
    [ -n "${WSBENCH_SKIP_SETUP:-}" ] || quietly setup update_lists
  fi
  [ $# -eq 0 ] || setup "$@"
}

# tested_contestants: the names of those that every test run holds to the rules.
tested_contestants() { sed -n '/^[a-z]/p' tests/competition/contestants.txt; }

# contestants OPTION...: what is not ready is named, and stays out of what follows.
contestants() {
  status=0
  competition/setup --quiet "$@" || status=$?
  [ "$status" -le 1 ] || exit "$status"
}

do_contestants() {
  setup python3
  exec competition/setup "$@"
}

do_smoke() {
  needs_proc
  setup $build_packages $run_packages
  build release --target wsbench
  contestants --suite configs/smoke.json
  exec build/release/wsbench run configs/smoke.json --local "$@"
}

do_test() {
  preset=dev
  if [ $# -gt 0 ] && is_preset "$1"; then
    preset=$1
    shift
  fi
  only_options "$@"
  needs_proc
  setup $build_packages $run_packages $test_packages
  node_modules tests/e2e
  build "$preset"
  names=$(tested_contestants)
  contestants $names
  if [ "${1:-}" = --all-contestants ]; then
    shift
    contestants --installed
    export WSBENCH_ALL_CONTESTANTS=1
    set -- -C all-contestants "$@"
  fi
  # Tests that measure time or start supervisord are RUN_SERIAL: ctest gives them the machine.
  ctest --preset "$preset" -j "$(nproc)" "$@" && return
  failed=build/$preset/Testing/Temporary/LastTestsFailed.log
  count=$(grep -c . "$failed" 2>/dev/null) || count=0
  if [ "$count" -eq 0 ] || [ "$count" -gt "$accidents" ]; then
    return 1
  fi
  # A virtual machine can stand still for seconds: a limit that is passed once need not be a fault. One that is
  # passed twice, with the machine to itself, is.
  say "$count failed; once more, alone:"
  exec ctest --preset "$preset" --rerun-failed -j 1 "$@"
}

bench_names() {
  for source in tests/bench/*_bench.cpp tests/bench/*_bench.py; do basename "${source%.*}"; done
}
do_bench() {
  for part in "$@"; do
    bench_names | grep -qF -- "$part" || die "no benchmark's name has \"$part\" in it; there are: $(bench_names | tr "\n" " ")"
  done
  setup $build_packages $run_packages $bench_packages
  build release
  status=0
  for program in build/release/tests/bench/*_bench; do
    [ -x "$program" ] || continue
    name=$(basename "$program")
    wanted=1
    for part in "$@"; do
      wanted=0
      case $name in *"$part"*) wanted=1 && break ;; esac
    done
    [ "$wanted" -eq 1 ] || continue
    say "$name"
    "$program" || status=1
  done
  return "$status"
}

# our_files FIND-TEST...: what is written by hand, by the tests of find.
our_files() {
  find . \( -path ./build -o -path ./.git -o -path ./competition/build -o -name node_modules \) -prune -o \
    -type f "$@" -print | sort
}

lint_scripts() {
  our_files -perm /111 | xargs -d '\n' grep -lE -m1 '^#!/(usr/)?bin/(env )?(ba|da)?sh$' |
    xargs -d '\n' shellcheck --severity=warning
}

lint_format() {
  our_files \( -name '*.hpp' -o -name '*.cpp' \) | xargs -d '\n' clang-format-14 --dry-run --Werror
}

# lint_tidy BUILD-FOLDER: every file that is compiled there, save those that the build makes; GCC's own options are
# unknown to it. What clang-tidy says beside its findings is a count of the warnings in other people's headers. A file on
# which it crashes must not keep xargs from all that follow.
lint_tidy() {
  : >build/log/tidy.log
  # shellcheck disable=SC2016
  sed -n 's/^ *"file": "\(.*\)",*$/\1/p' "$1/compile_commands.json" | grep -vF "/$1/" |
    xargs -d '\n' -P "$(compile_jobs)" -n 1 sh -c '
      clang-tidy-16 -p "$0" --quiet --extra-arg=-Wno-unknown-warning-option "$1" 2>>build/log/tidy.log && exit
      [ $? -lt 128 ] || echo "$1: clang-tidy crashed: build/log/tidy.log"
      exit 1' "$1"
}

# lint_odr: one program linked with all of our code at sight, so that two types of one name are told (-Wodr). -O0, for the
# link looks at types only.
lint_odr() {
  cmake --preset release -B build/odr -D CMAKE_UNITY_BUILD=OFF -D CMAKE_BUILD_TYPE=None -D BUILD_TESTING=OFF \
    -D CMAKE_CXX_FLAGS='-O0 -flto=auto' -D CMAKE_EXE_LINKER_FLAGS='-Wodr -Werror=odr' \
    -D CMAKE_AR="$(command -v gcc-ar)" -D CMAKE_RANLIB="$(command -v gcc-ranlib)" >build/log/odr.log 2>&1 &&
    cmake --build build/odr -j "$(compile_jobs)" --target wsbench >>build/log/odr.log 2>&1 && return
  grep -A 8 'Wodr\|error:' build/log/odr.log || tail -n 20 build/log/odr.log
  return 1
}

# check NAME COMMAND...: one part of lint; the others are run even when it fails.
check() {
  say "$1"
  shift
  "$@" || lint_status=1
}

do_lint() {
  setup $build_packages $lint_packages
  node_modules orchestrator/control/dashboard
  quietly configure-dev cmake --preset dev
  lint_status=0
  check layering python3 -B tests/layering_test.py -q
  check "shell scripts" lint_scripts
  check clang-format lint_format
  check "one definition of each type" lint_odr
  check clang-tidy lint_tidy build/dev
  [ "$lint_status" -ne 0 ] || say "lint is clean"
  return "$lint_status"
}

command=${1:-help}
[ $# -eq 0 ] || shift
case $command in
  build | smoke | test | bench | lint | contestants | packages) "do_$command" "$@" ;;
  setup)
    setup $build_packages $run_packages $test_packages $bench_packages
    names=$(tested_contestants)
    contestants $names
    ;;
  help | -h | --help) usage ;;
  *)
    usage >&2
    exit 2
    ;;
esac
