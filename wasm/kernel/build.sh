#!/bin/sh
# Builds kernel.wasm, and relaxed.wasm, which multiplies and adds in one step and which not every browser can load. Both are
# committed as built. Needs clang 14, wasm-ld (Debian: clang lld) and Go.
set -e
cd "$(dirname "$0")"
for tool in "${CLANG:=clang}" wasm-ld; do
	command -v "$tool" >/dev/null || { echo "wasm/kernel: needs $tool: apt-get install clang lld" >&2; exit 1; }
done
objects=$(mktemp -d)
trap 'rm -r "$objects"' EXIT
# -O2: what -O3 adds are copies of loops for counts of 0.
build() {
	for source in *.c; do
		"$CLANG" --target=wasm32 -msimd128 -O2 -ffreestanding -fno-builtin -ffp-contract=off -fno-vectorize -fno-slp-vectorize -Wall -Wextra -Wno-unused-parameter -Werror \
			$2 -c -o "$objects/$source.o" "$source"
	done
	wasm-ld --no-entry --import-memory --initial-memory=65536 -z stack-size=0 --strip-all -o "$1" "$objects"/*.o
	go run strip.go "$1"
	chmod 644 "$1" # wasm-ld makes it executable
}
build kernel.wasm
build relaxed.wasm -mrelaxed-simd
