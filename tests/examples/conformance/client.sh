#!/usr/bin/env bash
# A client of Clado's deep research: it does one action, and prints the result as JSON.
# It needs curl, awk, and the date, grep, sed and sleep of GNU.
set -euo pipefail

interval=${JOBMOCK_INTERVAL:-5} timeout=${JOBMOCK_TIMEOUT:-20} deadline=${JOBMOCK_DEADLINE:-3600}
jobs=/api/search/deep_research
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

calculate() { awk "BEGIN { printf \"%.3f\", ($1) }"; }
now() { date +%s.%N; }
end=$(calculate "$(now) + $deadline")

fail() { echo "$1" >&2 && exit 1; }

# Sleeps for some seconds, or ends the script if the deadline is before that.
pause() {
  [[ $(calculate "$(now) + $1 < $end") == 1.000 ]] || fail "The deadline has passed. ${2:-}"
  sleep "$1"
}

# Prints a member of the answer as JSON, or one below it, as `jq .pagination.has_next` does; of an array, each element
# in a line. Fails if the answer isn't whole.
member() {
  grep -oE '"([^"\\]|\\.)*"|[][{}:,]|[^][{}:,"[:space:]]+' "$folder/body" | awk -v wanted="$1" '
    /^[]}]$/ { depth-- }
    taken && (depth < level || depth == level && $0 == ",") { taken = 0 }
    taken && depth == level && $0 == "[" { list = 1 }
    taken && !(list && depth == level) { value = value (list && depth == level + 1 && $0 == "," ? "\n" : $0) }
    /^[[{]$/ { depth++; key[depth] = "" }
    $0 == ":" {
      key[depth] = substr(last, 2, length(last) - 2)
      path = depth == 1 ? key[1] : key[1] "." key[2]
      if (depth < 3 && path == wanted) { taken = 1; level = depth; value = "" }
    }
    { last = $0 }
    END { if (depth || !/^}$/) exit 1; if (value != "") print value }'
}

header() { sed -nE "s/^$1: *([^\r]*)\r?$/\1/Ip" "$folder/head"; }

# Prints the seconds of Retry-After. It may be a date, which counts from the answer's own date.
retry_after() {
  local given
  given=$(header retry-after)
  case $given in
    *[!0-9]*) calculate "$(date -d "$given" +%s || echo 0) - $(date -d "$(header date)" +%s)" ;;
    *) echo "${given:-0}" ;;
  esac
}

# Sends a request: METHOD PATH [BODY]. Returns 0, or 1 if it may be sent again, and ends the script otherwise.
request() {
  local limit
  limit=$(calculate "$end - $(now) < $timeout ? $end - $(now) : $timeout")
  : >"$folder/head"
  code=0
  said=$(curl -sS -m "$limit" -X "$1" -D "$folder/head" -o "$folder/body" -w '%{http_code} %{content_type}' 2>&1 \
    -H "Authorization: Bearer $CLADO_API_KEY" -H 'Content-Type: application/json' -d "${3:-}" "$CLADO_BASE_URL$2") ||
    return 1
  code=${said%% *}
  case $code in
    200) [[ $said == *json* ]] && member status >"$folder/status" ;;
    408 | 425 | 429 | 5??) return 1 ;;
    *) fail "$1 was answered with $said: $(cat "$folder/body")" ;;
  esac
}

# Sends a request until it is answered: again|once METHOD PATH [BODY]. With `once` it isn't repeated if it may have
# started a job. The answer is in $folder/body.
send() {
  local wait=$interval least
  until request "${@:2}"; do
    [[ $1 == again || $code == 429 || $code == 503 ]] || fail "Nobody knows whether a job was started. $said"
    least=$(retry_after)
    pause "$(calculate "$least > $wait ? $least : $wait")" "$said"
    wait=$(calculate "2 * $wait < 12 * $interval ? 2 * $wait : 12 * $interval")
  done
}

poll() {
  while send again GET "$jobs/$1" && [[ $(cat "$folder/status") != '"completed"' ]]; do
    [[ ! $(cat "$folder/status") =~ ^\"(error|cancelled)\"$ ]] || fail "The job ended: $(cat "$folder/body")"
    pause "$interval"
  done
}

pages() {
  local page=0 totals
  poll "$1"
  while
    page=$((page + 1))
    send again GET "$jobs/$1?page=$page&page_size=25"
    member results >>"$folder/people"
    member pagination.total_results >>"$folder/totals"
    [[ $(member pagination.has_next) == true ]] && ((page < $(member pagination.total_pages)))
  do :; done
  [[ -z $(sort "$folder/people" | uniq -d) && $(sort -u "$folder/totals" | wc -l) == 1 ]] ||
    fail "The list of people has changed while its pages were read."
  printf '[%s]\n' "$(paste -sd , "$folder/people")" >"$folder/body"
}

job=${CLADO_JOB_ID:-} query=${JOBMOCK_QUERY:-} limit=${JOBMOCK_LIMIT:-}
query=${query//\\/\\\\} query=\"${query//\"/\\\"}\"
case $JOBMOCK_ACTION in
  poll) poll "$job" ;;
  pages) pages "$job" ;;
  start)
    send once POST "$jobs" "{\"query\": $query${limit:+, \"limit\": $limit}}"
    poll "$(member job_id | tr -d '"')"
    ;;
  more) send once POST "$jobs/$job/more" "{${limit:+\"additional_limit\": $limit}}" && poll "$job" ;;
  cancel) send again POST "$jobs/$job/cancel" ;;
  credits) send again GET /api/credits ;;
  *) fail "This client can't do that." ;;
esac
cat "$folder/body"
