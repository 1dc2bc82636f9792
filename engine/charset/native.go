//go:build !js

package charset

import "golang.org/x/text/encoding/htmlindex"

func init() {
	Other = func(label string, b []byte) (string, error) {
		e, err := htmlindex.Get(label)
		if err != nil {
			return "", err
		}
		out, err := e.NewDecoder().Bytes(b)
		return string(out), err
	}
}
