#!/bin/sh
# A mercure processing module: films in MERCURE_IN_DIR, results in MERCURE_OUT_DIR.
set -u
cd "$(dirname "$0")/../.." || exit 2
python -m core predict "$MERCURE_IN_DIR"/*.dcm --dicom "$MERCURE_OUT_DIR" --json "$@"
status=$?
# 1: some file was no film. The results of the others are sent all the same.
if [ "$status" -eq 1 ] && [ -n "$(ls -A "$MERCURE_OUT_DIR")" ]; then exit 0; fi
exit "$status"
