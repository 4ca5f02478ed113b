# Private instances of PostgreSQL and Redis on free ports; sourced by tests/run and tests/processes.
#
#   need_servers INSTALL   says what to install where something is missing, or installs it (INSTALL=yes)
#   start_servers          sets DOSSIER_TEST_POSTGRES and DOSSIER_TEST_REDIS; those that are set already are kept
#
# Everything lies in $scratch and goes away with the script.

scratch=$(mktemp -d "${TMPDIR:-/tmp}/dossier-tests.XXXXXX")
chmod 755 "$scratch"
as=() # PostgreSQL refuses to run as root
if [ "$(id -u)" = 0 ]; then as=(setpriv --reuid=postgres --regid=postgres --clear-groups); fi

stop() {
    if [ -f "$scratch/pg/postmaster.pid" ]; then "${as[@]}" "$pg/pg_ctl" -D "$scratch/pg" -m immediate stop >/dev/null 2>&1 || true; fi
    if [ -n "${redis:-}" ]; then kill "$redis" 2>/dev/null || true; fi
    rm -rf "$scratch"
}
trap stop EXIT

find_pg() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }

need_servers() {
    local install=$1 need=()
    [ -n "${DOSSIER_TEST_POSTGRES:-}" ] || [ -x "$(find_pg)/postgres" ] || need+=(postgresql)
    [ -n "${DOSSIER_TEST_REDIS:-}" ] || command -v redis-server >/dev/null || need+=(redis-server)
    # Where there is no pooler, its tests say that they did not run.
    [ $install = no ] || [ -x /usr/sbin/pgbouncer ] || need+=(pgbouncer)
    if [ ${#need[@]} -gt 0 ]; then
        if [ $install = no ]; then
            echo "missing: ${need[*]}. Install with: apt-get install ${need[*]}   (or run: tests/run --install)" >&2
            exit 2
        fi
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq
        # The packages would start servers of their own; the tests start theirs.
        printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d
        apt-get install -y -qq --no-install-recommends "${need[@]}" >/dev/null
        rm -f /usr/sbin/policy-rc.d
    fi
}

free_port() {
    python3 - 2>/dev/null <<'PY' || shuf -i 20000-40000 -n 1
import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])
PY
}

start_servers() {
    if [ -z "${DOSSIER_TEST_POSTGRES:-}" ]; then
        pg=$(find_pg)
        port=$(free_port)
        mkdir "$scratch/pg"
        [ ${#as[@]} -eq 0 ] || chown postgres:postgres "$scratch/pg"
        "${as[@]}" "$pg/initdb" -D "$scratch/pg" -U dossier -A trust -E UTF8 --locale=C.UTF-8 >"$scratch/initdb.log" 2>&1 ||
            { cat "$scratch/initdb.log" >&2; exit 1; }
        # fsync off: these tests prove what the engine promises to keep, the crash tests prove that it does.
        "${as[@]}" "$pg/pg_ctl" -D "$scratch/pg" -w -l "$scratch/pg/log" \
            -o "-p $port -k $scratch/pg -c listen_addresses=127.0.0.1 -c max_connections=500 -c fsync=off" start >/dev/null
        export DOSSIER_TEST_POSTGRES="postgres://dossier@127.0.0.1:$port/postgres"
    fi

    if [ -z "${DOSSIER_TEST_REDIS:-}" ]; then
        port=$(free_port)
        redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$scratch" >"$scratch/redis.log" 2>&1 &
        redis=$!
        export DOSSIER_TEST_REDIS="redis://127.0.0.1:$port"
    fi
}
