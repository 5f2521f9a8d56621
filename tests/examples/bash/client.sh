#!/usr/bin/env bash
# A small client of Clado's deep research: it starts a job, polls it to its end, and prints the id of each person.
# Exit code: 0, 1 if the job has no result, 2 if it isn't done in time. It needs curl, and the date and sed of GNU.
#   bash client.sh "chemists in Graz"
set -euo pipefail

: "${CLADO_BASE_URL:?}" "${CLADO_API_KEY:?}"
interval=${INTERVAL:-5} deadline=${DEADLINE:-3600} longest_pause=60
second_ms=${SECOND_MS:-1000} # how many milliseconds a second lasts: fewer beside a mock in scaled time
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

now_ms() { date +%s%3N; }

# Waits for some seconds, or ends the script if the deadline is before that.
pause() {
  if (($(now_ms) + $1 * second_ms > end)); then
    echo "Not done within $deadline s." >&2
    exit 2
  fi
  sleep "$(awk "BEGIN { print $1 * $second_ms / 1000 }")"
}

# Sends a request; the answer is in $folder/body. Returns 0, 1 if it may be sent again, and ends the script otherwise.
request() {
  local code
  code=$(curl -sS -m 30 -D "$folder/head" -o "$folder/body" -w '%{http_code}' \
    -H "Authorization: Bearer $CLADO_API_KEY" "${@:2}" "$CLADO_BASE_URL/api/search/deep_research$1") || return 1
  case $code in
    200) return 0 ;;
    429 | 5??) return 1 ;;
  esac
  echo "The request was answered with $code: $(cat "$folder/body")" >&2
  exit 1
}

# The seconds of Retry-After. It may also be a date, which counts from the answer's own date.
retry_after() {
  local given sent
  given=$(header retry-after)
  case $given in
    '') echo 0 ;;
    *[!0-9]*) sent=$(header date) && echo $(($(date -d "$given" +%s) - $(date -d "$sent" +%s))) ;;
    *) echo "$given" ;;
  esac
}

header() { sed -nE "s/^$1: *([^\r]*)\r?$/\1/Ip" "$folder/head"; }

# Sends a GET until it is answered. The pauses grow, and none is shorter than Retry-After.
persistent() {
  local wait=$interval least
  while : >"$folder/head" && ! request "$1"; do
    least=$(retry_after)
    pause $((least > wait ? least : wait))
    wait=$((2 * wait < longest_pause ? 2 * wait : longest_pause))
  done
}

member() { sed -nE "s/.*\"$1\":\"?([^\",}]*).*/\1/p" "$folder/body"; }

end=$(($(now_ms) + deadline * second_ms))
query=${1//\\/\\\\}
# A start whose answer is lost isn't repeated: it would start, and charge, a second job.
request "" -H 'Content-Type: application/json' -d "{\"query\": \"${query//\"/\\\"}\"}" ||
  { echo "The job wasn't started: $(cat "$folder/body")" >&2; exit 1; }
job=$(member job_id)
while persistent "/$job" && [[ $(member status) =~ ^(pending|searching|processing)$ ]]; do
  pause "$interval"
done
if [[ $(member status) != completed ]]; then
  echo "The job ended: $(cat "$folder/body")" >&2
  exit 1
fi
page=0
while
  page=$((page + 1))
  persistent "/$job?page=$page&page_size=25"
  grep -oE '"profile":\{"id":"[^"]+"' "$folder/body" | cut -d '"' -f 6 || true
  [[ $(member has_next) == true ]]
do :; done
