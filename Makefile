# Everything that one does with Loupe. Needs Go, make and a network; the rest is set up here (Debian).

CHROMIUM := $(firstword $(shell command -v chromium chromium-browser google-chrome 2>/dev/null))

.PHONY: run test bench site models kernel chromium

# Builds the page and serves it on this machine; the address is printed.
run:
	go run ./web/site serve

# Makes dist/site: a folder for any static host, at any path.
site:
	go run ./web/site build

test: chromium
	go vet ./...
	GOOS=js GOARCH=wasm go vet ./engine/... ./wasm/... ./app/...
	go test ./engine/... ./app/... ./web/site/... ./web/wasmtest .
	go build -o dist/wasmtest ./web/wasmtest
	GOOS=js GOARCH=wasm go test -exec=$(CURDIR)/dist/wasmtest ./engine/...
	go test -v -count=1 -timeout 10m ./web/e2e

# Speeds, as ratios to a yardstick of the same run.
bench: chromium
	go test -run '^$$' -bench . ./engine/...
	go build -o dist/wasmtest ./web/wasmtest
	GOOS=js GOARCH=wasm go test -exec=$(CURDIR)/dist/wasmtest -run '^$$' -bench . ./engine/...
	go test -v -count=1 -run XXX -bench . -benchtime 5x ./web/e2e

# Fetches larger models into web/models-large, to be served with the page.
models:
	sh web/large/fetch.sh

# Rebuilds the SIMD kernels, which are committed as built.
kernel:
	sh wasm/kernel/build.sh

chromium:
ifeq ($(CHROMIUM),)
	@test "$$(id -u)" = 0 || { echo "the tests need Chromium: apt-get install chromium"; exit 1; }
	apt-get update -q && apt-get install -y -q --no-install-recommends chromium
endif
