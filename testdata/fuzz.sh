#!/bin/sh
# Runs every fuzz target for a while (10m each, or what FUZZTIME says). What is found is kept beside the package, in
# testdata/fuzz, and from then on a plain test runs it.
set -e
cd "$(dirname "$0")/.."
grep -rHo --include=*_test.go "^func Fuzz[A-Za-z0-9]*" engine app | while IFS=: read -r file func; do
	dir=$(dirname "$file") name=${func#func }
	echo "== $dir $name"
	go test "./$dir" -run XXX -fuzz "^$name\$" -fuzztime "${FUZZTIME:-10m}" -fuzzminimizetime 10x -parallel "${FUZZPROCS:-1}"
done
