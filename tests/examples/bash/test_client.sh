#!/usr/bin/env bash
# The tests of client.sh. Run them:
#   SECOND_MS=10 jobmock run --time scaled --speed 100 -- bash test_client.sh
set -euo pipefail
cd "$(dirname "$0")"
key=$CLADO_API_KEY

# Plays a scenario, and compares the exit code, the number of people, and the rules that the client broke: none.
# A key of its own gives each test jobs and a journal of its own. The text behind `--` names the scenario.
check() {
  local scenario=$1 code=0 outcome people findings
  export CLADO_API_KEY=$key-$scenario--$scenario
  people=$(bash client.sh "chemists in Graz" | sort -u | wc -l) || code=$?
  case $code in
    0) outcome="?outcome=returned" ;;
    1) outcome="?outcome=raised" ;;
    *) outcome="" ;; # In scaled time a deadline may come early, so then no rule about the outcome is asked for.
  esac
  findings=$(curl -sS -H "Authorization: Bearer $CLADO_API_KEY" \
    "$JOBMOCK_CONTROL_URL/__jobmock/findings$outcome")
  if [[ "$code $((people))" != "$2 $3" || $findings != *'"findings":[]'* ]]; then
    echo "not ok $scenario: exit code $code and $((people)) people instead of $2 and $3, $findings"
    exit 1
  fi
  echo "ok $scenario"
}

check two-pages 0 47
check nobody 0 0
check rate-limited-once 0 3
check unavailable-once 0 3
check job-error 1 0
check unknown-status 1 0
DEADLINE=60 check stuck 2 0
