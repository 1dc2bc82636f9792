# Everything that one does with Loupe. It needs Go, make and a network; the rest is set up here (Debian).

CHROMIUM := $(firstword $(shell command -v chromium chromium-browser google-chrome 2>/dev/null))

# Runs a js/wasm test in a worker of a real Chromium.
WASM_TEST := GOOS=js GOARCH=wasm go test -exec=$(CURDIR)/.tools/wasmtest

.PHONY: run site test bench fuzz models kernel browser

# Builds the page and serves it on this machine; the address is printed.
run:
	go run ./web/site serve

# Makes dist/site: a folder for any static host, at any path.
site:
	go run ./web/site build

test: browser
	go vet ./...
	GOOS=js GOARCH=wasm go vet ./app/... ./engine/... ./wasm/...
	go test $$(go list ./... | grep -v /web/e2e)
	$(WASM_TEST) ./engine/...
	LOUPE_KERNEL=kernel.wasm $(WASM_TEST) -count=1 ./engine/tensor
	go test -v -count=1 -timeout 25m ./web/e2e

# Speeds and sizes, as ratios to a yardstick of the same run.
bench: browser
	go test -run XXX -bench . ./engine/... ./app/...
	$(WASM_TEST) -run XXX -bench . ./engine/...
	go test -run XXX -bench . -benchtime 5x ./web/e2e

# Feeds every parser with broken files, ten minutes each; FUZZTIME says how long.
fuzz:
	sh testdata/fuzz.sh

# Fetches larger models into web/models-large, to be served with the page.
models:
	sh web/large/fetch.sh

# Builds the SIMD kernels again, which are committed as built.
kernel:
	sh wasm/kernel/build.sh

# What the tests in a browser need.
browser:
ifeq ($(CHROMIUM),)
	@test "$$(id -u)" = 0 || { echo "the tests need Chromium: apt-get install chromium"; exit 1; }
	apt-get update -q
	apt-get install -y -q --no-install-recommends chromium
endif
	go build -o .tools/wasmtest ./web/wasmtest
