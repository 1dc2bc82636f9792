//go:build tools

// This file keeps in go.mod what a later issue uses: go-tsne, for the map of words.
package layout

import _ "github.com/danaugrs/go-tsne/tsne"
