#!/usr/bin/env bash
# The real ckanapi (Python) against two nodes: dump one, load the second, dump that, compare. Not part of `npm test`.
#
#   test/outside/ckanapi.sh [CKANAPI]
#
# CKANAPI is ckanapi's source folder, source archive or wheel; without it pip is asked for one. Everything else comes
# from Debian packages. Needs root for apt-get where one of them is missing. Nothing is written into the project.
set -euo pipefail

project=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d -t concord-ckanapi-XXXXXX)
nodes=()
finish() {
  for pid in "${nodes[@]}"; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true; done
  [ -n "${KEEP:-}" ] && echo "kept: $scratch" || rm -rf "$scratch"
}
trap finish EXIT

# The build, unless FROM_SOURCE is set or there is none.
program=("$project/bin/concord.js")
if [ -n "${FROM_SOURCE:-}" ] || [ ! -f "$project/dist/main.js" ]; then
  program=(--import "file://$project/node_modules/tsx/dist/loader.mjs" "$project/src/main.ts")
fi
# as NAME PORT ARGUMENT…: the program on the node of that name.
as() {
  local name=$1 port=$2
  shift 2
  CONCORD_DATA="$scratch/$name" CONCORD_PORT=$port CONCORD_DEMO=false LOG_LEVEL=warn exec node "${program[@]}" "$@"
}

install_client() {
  local packages=(python3-docopt python3-simplejson python3-slugify python3-requests python3-setuptools python3-wheel python3-venv)
  dpkg -s "${packages[@]}" >/dev/null 2>&1 || apt-get install -y --no-install-recommends "${packages[@]}" >/dev/null
  /usr/bin/python3 -m venv --system-site-packages "$scratch/venv"
  local source=${1:-}
  if [ -z "$source" ]; then
    "$scratch/venv/bin/pip" download --quiet --no-deps --dest "$scratch/pip" ckanapi
    source=$(ls "$scratch"/pip/ckanapi*)
  fi
  "$scratch/venv/bin/pip" install --quiet --no-index --no-deps --no-build-isolation "$source"
  export PATH="$scratch/venv/bin:$PATH"
  ckanapi --version
}

# start NAME PORT: a node with embedded databases of its own.
start() {
  (as "$1" "$2" serve) >"$scratch/$1.log" 2>&1 &
  nodes+=($!)
  for _ in $(seq 600); do
    curl -fs "http://127.0.0.1:$2/readyz" >/dev/null && return
    sleep 0.5
  done
  cat "$scratch/$1.log"
  exit 1
}

# token PORT LOGIN PASSWORD SCOPE…
token() {
  local url="http://127.0.0.1:$1/api/v1" login=$2 password=$3
  shift 3
  local jar="$scratch/cookies" csrf ends
  csrf=$(curl -fs -c "$jar" -H 'content-type: application/json' -d "{\"login\":\"$login\",\"password\":\"$password\"}" "$url/session" |
    python3 -c 'import json,sys; print(json.load(sys.stdin)["csrfToken"])')
  ends=$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ)
  python3 -c 'import json,sys; print(json.dumps({"name":"ckanapi","scopes":sys.argv[2:],"expiresAt":sys.argv[1]}))' "$ends" "$@" |
    curl -fs -b "$jar" -H "x-csrf-token: $csrf" -H 'content-type: application/json' -d @- "$url/tokens" |
    python3 -c 'import json,sys; print(json.load(sys.stdin)["token"])'
}

dump() { # PORT FOLDER TOKEN
  mkdir -p "$scratch/$2"
  for thing in organizations groups datasets; do
    ckanapi dump "$thing" --all -q -r "http://127.0.0.1:$1" -a "$3" -p 1 -O "$scratch/$2/$thing.jsonl"
    echo "$2: $(wc -l <"$scratch/$2/$thing.jsonl") $thing"
  done
}

load() { # PORT THING TOKEN
  ckanapi load "$2" -q -r "http://127.0.0.1:$1" -a "$3" -p 1 -I "$scratch/first/$2.jsonl" -l "$scratch/load-$2.log" || {
    grep -v '"\(create\|update\)",null' "$scratch/load-$2.log" | head -5
    exit 1
  }
}

install_client "${1:-}"
(as one 18411 seed "${SEED:-small}")
start one 18411
start two 18412

editing=(dataset:create dataset:update dataset:retire dataset:read-draft dataset:publish)
password='three words together'
run_two() { (as two 18412 "$@"); }
run_two body create desk --name Desk --tier nation
echo "$password" | run_two person create registrar --name Registrar --body desk --role system_admin

reader=$(token 18411 dataoffice dataoffice-demo-2026 dataset:read-draft)
dump 18411 first "$reader"

registrar=$(token 18412 registrar "$password" organisation:create organisation:update)
load 18412 organizations "$registrar"
root=$(python3 -c 'import json,sys; print(json.loads(open(sys.argv[1]).readline())["name"])' "$scratch/first/organizations.jsonl")
echo "$password" | run_two person create office2 --name Office --body "$root" --role data_office_reviewer
office=$(token 18412 office2 "$password" "${editing[@]}")
load 18412 groups "$office"
load 18412 datasets "$office"
sleep 20 # search learns of new bodies within 15 s; counts of packages come from it
dump 18412 second "$office"

grep -v '"name":"desk"' "$scratch/second/organizations.jsonl" >"$scratch/second/organizations" && mv "$scratch/second/organizations" "$scratch/second/organizations.jsonl"
for thing in organizations groups datasets; do
  if cmp "$scratch/first/$thing.jsonl" "$scratch/second/$thing.jsonl"; then echo "$thing: no difference"
  else
    diff <(head -c 100000000 "$scratch/first/$thing.jsonl") "$scratch/second/$thing.jsonl" | cut -c1-2000 | head -20
    failed=1
  fi
done
echo "search: $(ckanapi search datasets -r http://127.0.0.1:18412 -a "$office" | wc -l) packages by package_search"
ckanapi action status_show -r http://127.0.0.1:18412 | head -c 300
echo
ckanapi delete datasets "$(python3 -c 'import json,sys; print(json.loads(open(sys.argv[1]).readline())["id"])' "$scratch/first/datasets.jsonl")" -r http://127.0.0.1:18412 -a "$office" && echo 'delete: done'
[ -z "${failed:-}" ]
