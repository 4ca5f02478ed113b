# An operator's afternoon on the deployment that tests/compose has brought up; sourced by it. What deploy/operations.md gives as
# commands for containers is read from that page and run as it stands there.

afternoon_files=$context/deploy/compose.yaml:$context/deploy/compose.demo.yaml:$context/deploy/compose.observe.yaml
export DOSSIER_PROMETHEUS_BIND=$DOSSIER_BIND DOSSIER_PROMETHEUS_PORT=${DOSSIER_PROMETHEUS_PORT:-9090}
prometheus=http://$DOSSIER_PROMETHEUS_BIND:$DOSSIER_PROMETHEUS_PORT
services=(profile access credit)
export DOSSIER_BACKUP=$scratch/backup

# Whoever started with several files names them all.
compose() { COMPOSE_FILE=$afternoon_files "${tool[@]}" "$@"; }

# page NAME: runs the commands of the operator's page that stand below <!-- run: NAME -->.
page() {
    local file=$scratch/page.$1
    awk -v mark="<!-- run: $1 -->" '$0 == mark { found = 1 } on && /^```$/ { exit } on; found && /^```sh$/ { on = 1 }' \
        "$context/deploy/operations.md" >"$file"
    [ -s "$file" ] || fail "deploy/operations.md has no commands for $1"
    # The page says `docker compose`; the older tool is a program of its own.
    if [ "${tool[0]}" != docker ]; then
        sed -i '1i docker() { if [ "$1" = compose ]; then shift; docker-compose "$@"; else command docker "$@"; fi; }' "$file"
    fi
    (cd "$context" && COMPOSE_FILE=$afternoon_files bash -eu "$file") >"$file.log" 2>&1 </dev/null ||
        { cat "$file.log" >&2; fail "the page's commands for $1"; }
}

replicas() { compose ps -q "$1"; }
state_of() { docker inspect -f '{{.State.Running}} {{.State.Health.Status}}' $(replicas "$1") 2>/dev/null; }

# settled COUNT: waits until each service has so many replicas, all of them healthy.
settled() {
    local service until=$((SECONDS + 90))
    for service in "${services[@]}"; do
        until [ "$(state_of "$service" | sort | uniq -c | xargs)" = "$1 true healthy" ]; do
            [ $SECONDS -lt $until ] || { compose ps >&2; fail "$service has not $1 healthy replicas after 90 s"; }
            sleep 0.5
        done
    done
}

# === Prometheus ===

# ask QUERY: a line for each row of the answer, labels and value.
ask() {
    curl -fsS --max-time 10 --get --data-urlencode "query=$1" "$prometheus/api/v1/query" | python3 -c '
import json, sys
for row in json.load(sys.stdin)["data"]["result"]:
    labels = row["metric"]
    print(",".join(f"{key}={labels[key]}" for key in sorted(labels)), row["value"][1])'
}

# soon SECONDS WHAT COMMAND...: waits until the command succeeds.
soon() {
    local until=$((SECONDS + $1)) what=$2
    shift 2
    until "$@"; do
        [ $SECONDS -lt $until ] || fail "$what"
        sleep 1
    done
}

scraped() { [ "$(ask 'up{job="dossier"} == 1' | wc -l)" = "$1" ] && [ -z "$(ask 'up{job="dossier"} == 0')" ]; }
told() { [ -n "$(ask "$1")" ]; }
quiet() { [ -z "$(ask 'ALERTS')" ]; }

# What the dashboard shows only with TLS, with real issuers, or with a witness.
elsewhere='dossier_certificate_expiry_seconds|dossier_issuer_keys_age_seconds'

observed() {
    curl -fsS "$prometheus/api/v1/rules" | python3 -c '
import json, re, sys
rules = [rule for group in json.load(sys.stdin)["data"]["groups"] for rule in group["rules"]]
written = re.findall(r"- alert: (\w+)", open(sys.argv[1]).read())
page = open(sys.argv[2]).read()
assert [rule["name"] for rule in rules] == written, "not the rules of the file"
ill = [rule["name"] for rule in rules if rule["health"] != "ok"]
assert not ill, f"rules that cannot be evaluated: {ill}"
silent = [name for name in written if name not in page]
assert not silent, f"the page does not say what {silent} mean"
print(len(written), "alarms, each evaluated, each on the page")' \
        "$context/deploy/observe/alerts.yaml" "$context/deploy/operations.md" || fail "the alarms"
    python3 -c '
import json, sys
for panel in json.load(open(sys.argv[1]))["panels"]:
    for target in panel.get("targets", []):
        print(target["expr"])' "$context/deploy/observe/dashboard.json" >"$scratch/queries"
    while read -r query; do
        if [ -z "$(ask "$query")" ] && ! grep -qE "$elsewhere" <<<"$query"; then fail "the dashboard shows nothing for $query"; fi
    done <"$scratch/queries"
    echo "$(wc -l <"$scratch/queries") queries of the dashboard answered"
}

# === load on all replicas ===

# Whoever stands before the replicas spreads the calls; here each call goes to one that is drawn.
scheme=http
person() {
    local token=$1
    shift
    DOSSIER_TOKEN=$token DOSSIER_PROFILE_ADDRESS=$scheme://$DOSSIER_BIND:741$((RANDOM % 2 + 1)) \
        DOSSIER_ACCESS_ADDRESS=$scheme://$DOSSIER_BIND:742$((RANDOM % 2 + 1)) \
        DOSSIER_CREDIT_ADDRESS=$scheme://$DOSSIER_BIND:743$((RANDOM % 2 + 1)) \
        "$scratch/dossier" --data-dir "$scratch/data" "$@" --timeout 5s
}

begin() {
    rm -f "$scratch/stop"
    : >"$scratch/acknowledged"
    : >"$scratch/calls"
    for _ in 1 2; do worker & workers+=($!); done
}
end() { # what was refused for good fails; what was acknowledged is there
    touch "$scratch/stop"
    wait "${workers[@]}"
    workers=()
    if [ -s "$scratch/refusals" ]; then sort "$scratch/refusals" | uniq -c >&2; fail "calls were refused for good"; fi
    cat "$scratch/calls" >>"$scratch/afternoon.calls"
    cat "$scratch/acknowledged" >>"$scratch/afternoon.acknowledged"
}
writing() { # somebody is answered, after this moment
    local before
    before=$(wc -l <"$scratch/acknowledged")
    soon 60 "nothing is acknowledged $1" eval '[ "$(wc -l <"$scratch/acknowledged")" -gt '$((before + 4))' ]'
}

# === the afternoon ===

afternoon() {
    replaced
    passwords
    away
    restored
    went_back
    over_tls
}

finished() {
    end
    page verify
    grep -v Creating "$scratch/page.verify.log"
    echo "$(wc -l <"$scratch/afternoon.acknowledged") files acknowledged"
    sort "$scratch/afternoon.calls" | uniq -c | awk '{ printf "%s%d calls %s", sep, $1, $2; sep = ", " } END { print "" }'
}

watched_and_doubled() {
    need curl
    step "an afternoon: two replicas of each, Prometheus beside them"
    page replicas
    settled 2
    soon 60 "Prometheus does not scrape six replicas" scraped 6
    ports=$(docker ps --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME" --format '{{.Ports}}' |
        tr ',' '\n' | sed -n 's/.*:\([0-9]*\)->.*/\1/p' | sort -u | xargs)
    [ "$ports" = "7411 7412 7421 7422 7431 7432 $DOSSIER_PROMETHEUS_PORT" ] || fail "published ports: $ports"
    begin
    writing "by six replicas"
    echo "six replicas scraped, calls answered by all of them"
    # Rates need more than one scrape, and each rule its turn.
    sleep 20
    observed
    quiet || { ask ALERTS >&2; fail "alarms ring in a deployment that is well"; }
    echo "no alarm rings or is about to"
}

stopped() {
    local service replica before
    step "one replica of each is stopped"
    for service in "${services[@]}"; do
        replica=$(replicas "$service" | sed -n 1p) # all of it is read: nobody writes into a closed pipe
        before=$SECONDS
        docker stop "$replica" >/dev/null
        [ "$(docker inspect -f '{{.State.ExitCode}}' "$replica")" = 0 ] || fail "a replica of $service did not end by itself"
        writing "while a replica of $service is gone"
        docker start "$replica" >/dev/null
        echo "$service: stopped, missed by nobody, started in $((SECONDS - before)) s"
    done
    settled 2
}

replaced() {
    local before=$SECONDS
    step "every replica is replaced, one after the other, with another keyring and another key of profile"
    python3 - "$context/deploy/secrets/keyring.json" <<'PY'
import base64, datetime, json, os, sys, time
path = sys.argv[1]
ring = json.load(open(path))
for purpose in ["seal", "reply", "journal-sign", "token-sign"]:
    bits = (int(time.time() * 1000) << 80) | (7 << 76) | (int.from_bytes(os.urandom(2), "big") >> 4 << 64) | (2 << 62)
    bits |= int.from_bytes(os.urandom(8), "big") >> 2
    text = f"{bits:032x}"
    ring["keys"].append({
        "id": "-".join([text[:8], text[8:12], text[12:16], text[16:20], text[20:]]),
        "purpose": purpose,
        "created": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "secret": base64.b64encode(os.urandom(32)).decode(),
    })
open(path, "w").write(json.dumps(ring, indent=1))
PY
    openssl genpkey -algorithm ed25519 -out "$scratch/new.pem" 2>/dev/null
    cat "$scratch/new.pem" >"$context/deploy/secrets/profile_internal.pem"
    page replace
    settled 2
    page keys
    writing "after all replicas were replaced"
    echo "six replicas replaced in $((SECONDS - before)) s"
}

passwords() {
    step "another password of PostgreSQL and of Redis"
    page password
    # Connections that are open go on; this asks for new ones.
    docker restart "$(id_of postgres)" >/dev/null
    healthy postgres
    settled 2
    writing "with another password of PostgreSQL"
    page redis
    healthy redis
    soon 30 "Redis is not reached with its new password" told 'min(dossier_bus_up) == 1'
    writing "with another password of Redis"
}

away() {
    step "Redis away, PostgreSQL away: the alarms say it, and fall silent"
    docker stop "$(id_of redis)" >/dev/null
    soon 60 "nobody says that Redis is away" told 'ALERTS{alertname="DossierBusDown"}'
    writing "without Redis"
    docker start "$(id_of redis)" >/dev/null
    docker stop "$(id_of postgres)" >/dev/null
    soon 60 "nobody says that PostgreSQL is away" told 'ALERTS{alertname="DossierStoreDown"}'
    docker start "$(id_of postgres)" >/dev/null
    settled 2
    writing "after PostgreSQL was away"
    end
}

restored() {
    local lost id name
    step "a backup, what comes after it, and the restore"
    page backup
    tail -n 1 "$scratch/afternoon.acknowledged" >"$scratch/kept"
    lost=$(create "$(cat /proc/sys/kernel/random/uuid)" | name_of)
    page restore
    settled 2
    read -r id name <"$scratch/kept"
    person "$sales" profile get-customer-file --name "$name" --purpose customer_service >/dev/null ||
        fail "what was in the backup is gone"
    if person "$sales" profile get-customer-file --name "$lost" --purpose customer_service >/dev/null 2>&1; then
        fail "what came after the backup is there"
    fi
    echo "what was in the backup is there, what came after it is not"
}

went_back() {
    local one
    step "one store goes back alone: the others notice, the alarm rings, recover"
    # Something that access and credit know of it and it will not.
    person "$sales" profile get-customer-file --name "$(create "$(cat /proc/sys/kernel/random/uuid)" | name_of)" \
        --purpose customer_service >/dev/null
    soon 30 "the others do not learn of it" eval '[ -z "$(ask "dossier_journal_lag_entries{source=\"profile\"} > 0")" ]'
    sleep 2
    docker stop $(replicas profile) >/dev/null
    for one in "dropdb -U postgres --force profile" "createdb -U postgres --owner=profile profile" \
        "pg_restore -U postgres --no-owner --role=profile --dbname=profile"; do
        docker exec -i "$(id_of postgres)" $one <"$DOSSIER_BACKUP/profile.dump" >/dev/null
    done
    docker start $(replicas profile) >/dev/null
    soon 90 "nobody says that the journal went back" told 'ALERTS{alertname="DossierJournalDoubted",alertstate="firing"}'
    if compose run --rm migrate verify >"$scratch/doubted.log" 2>&1; then fail "verify sees nothing"; fi
    page recover
    grep '^demo: ' "$scratch/page.recover.log"
    settled 2
    soon 60 "the journal is still doubted" eval '! told "ALERTS{alertname=\"DossierJournalDoubted\"}"'
    page verify
    begin
    writing "after the recovery"
}

over_tls() {
    step "certificates: all on TLS, and the files replaced"
    certificate first
    end
    afternoon_files=$afternoon_files:$context/deploy/compose.tls.yaml
    compose up -d >"$scratch/tls.log" 2>&1 || { cat "$scratch/tls.log" >&2; fail "it does not come up with TLS"; }
    settled 2
    scheme=https
    export DOSSIER__PEERS__CA_FILE=$context/deploy/secrets/tls/ca.pem
    begin
    writing "over TLS"
    certificate second
    soon 30 "the new certificate is not shown" shown second
    : >"$context/deploy/secrets/tls/certificate.pem"
    soon 60 "nobody says that a certificate cannot be used" told 'ALERTS{alertname="DossierCertificateRefused"}'
    shown second || fail "the certificate before is not in use"
    settled 2
    certificate third
    soon 30 "the third certificate is not shown" shown third
    writing "with the third certificate"
    # The negative control: what asks for a certificate in vain finds none.
    if shown second; then fail "the check of certificates sees nothing"; fi
}

# certificate NAME: one for all services, by a ca of its own, put where they look.
certificate() {
    local to=$context/deploy/secrets/tls from=$scratch/tls.made
    mkdir -p "$to" "$from"
    [ -e "$from/ca.pem" ] || openssl req -x509 -newkey ed25519 -nodes -days 30 -subj /CN=ca -keyout "$from/ca.key" \
        -addext basicConstraints=critical,CA:true -out "$from/ca.pem" 2>/dev/null
    openssl req -newkey ed25519 -nodes -subj "/CN=$1" -keyout "$from/key.pem" -out "$from/request.pem" 2>/dev/null
    openssl x509 -req -in "$from/request.pem" -CA "$from/ca.pem" -CAkey "$from/ca.key" -days 30 -out "$from/certificate.pem" \
        -extfile <(echo "subjectAltName=DNS:profile,DNS:access,DNS:credit,DNS:localhost,IP:$DOSSIER_BIND") 2>/dev/null
    chmod 600 "$from"/*
    cp "$from/ca.pem" "$from/key.pem" "$from/certificate.pem" "$scratch/"
    chown 65532:65532 "$scratch"/{ca,key,certificate}.pem
    mv -f "$scratch"/{ca,key,certificate}.pem "$to/"
}

shown() { # by every replica
    local port
    for port in 7411 7412 7421 7422 7431 7432; do
        openssl s_client -connect "$DOSSIER_BIND:$port" -alpn h2 </dev/null 2>/dev/null | openssl x509 -noout -subject |
            grep -q "CN = $1$" || return 1
    done
}
