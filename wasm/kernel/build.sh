#!/bin/sh
# Builds kernel.wasm, which is committed as built. Needs clang 14 or later, wasm-ld (Debian: clang lld) and Go.
set -e
cd "$(dirname "$0")"
for tool in "${CLANG:=clang}" wasm-ld; do
	command -v "$tool" >/dev/null || { echo "wasm/kernel: needs $tool: apt-get install clang lld" >&2; exit 1; }
done
"$CLANG" --target=wasm32 -msimd128 -O3 -ffreestanding -fno-builtin -ffp-contract=off -fno-vectorize -fno-slp-vectorize -Wall -Wextra -Wno-unused-parameter -Werror \
	-nostdlib -Wl,--no-entry,--import-memory,--initial-memory=65536,-z,stack-size=0,--strip-all -o kernel.wasm ./*.c
go run strip.go kernel.wasm
chmod 644 kernel.wasm # wasm-ld makes it executable
