#!/bin/sh
# One night of salesworthy, for cron:  15 2 * * *  /srv/salesworthy/nightly.sh /srv/salesworthy/acme
# Stops at the first step that fails and hands its exit code on, so that cron's mail or the metrics tell which it was.
set -eu
workspace=$1
salesworthy=${SALESWORTHY:-salesworthy}
export SALESWORTHY_LOG=json SALESWORTHY_METRICS="${SALESWORTHY_METRICS:-$workspace/metrics}"
as_of=${AS_OF:-$(date -u +%Y-%m-%dT00:00:00Z)}

"$salesworthy" -w "$workspace" check --json > "$workspace/check.json"
"$salesworthy" -w "$workspace" score --as-of "$as_of" --json > "$workspace/score.json"
# A purge that is due, by the limits of the signed policy. Without --apply it only shows what would go.
"$salesworthy" -w "$workspace" retain --apply --json > "$workspace/retain.json"
